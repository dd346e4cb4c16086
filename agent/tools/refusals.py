"""How what tools say in English of attachments and predictions - refusals and notices - reads in Chinese."""

from agent.tools.unlikeness import UNLIKE
from agent.wording import Phrase, Retelling

# What the evidence table and the tagger cannot answer, and what to know of what they do: `agent.tools`.
_EVIDENCE = (
    Phrase("{count} rows that only suggest what they say are not counted.", "有 {count} 条记录只是推测，未计入。"),
    Phrase(
        "{count} retracted papers that say something of it are not counted.", "另有 {count} 篇已撤稿论文提及，未计入。"
    ),
    Phrase("Nothing is asked of the evidence table.", "没有说明要查询证据表的什么内容。"),
    Phrase(
        "Name a gene, a cancer, a state of methylation, a sample or a year.",
        "请给出基因、癌症、甲基化状态、样本或年份。",
    ),
    Phrase("There is no status {status}.", "没有状态 {status}。"),
    Phrase("There are {statuses}.", "现有 {statuses}。"),
    Phrase("Which text?", "哪段文本？"),
    Phrase(
        "Paste it, attach a file, or name a paper by its PMID, DOI or title.",
        "请粘贴文本、上传文件，或以 PMID、DOI 或标题指明论文。",
    ),
    Phrase(
        "No tagger is installed, so no text can be read for methylation records: {place} has no weights.",
        "未安装标注器，无法从文本中提取甲基化记录：{place} 中没有权重。",
    ),
    Phrase(
        "Put a trained tagger's folder into your Epicite home under the name tagger, or train one with {command}.",
        "请把训练好的标注器文件夹以 tagger 为名放入 Epicite 主目录，或用 {command} 训练。",
    ),
    Phrase(
        "{count} characters are too many to wait for here, where {most} are the most.",
        "{count} 个字符过多，此处最多处理 {most} 个。",
    ),
    Phrase("Read the file with {command}, or attach a part.", "请用 {command} 读取该文件，或只上传一部分。"),
)
# Why a tool did not predict, and what it needs: `agent.attachments`, `agent.tools`.
_REFUSALS = (
    Phrase("This conversation has no attachment {handle}", "此对话没有附件 {handle}"),
    Phrase("The content of {handle} is no longer stored", "{handle} 的内容已不再保存"),
    Phrase("There are: {handles}.", "现有：{handles}。"),
    Phrase("Nothing is attached: ask for a sequence or file.", "尚无附件：请提供序列或文件。"),
    Phrase("Paste or upload it again.", "请重新粘贴或上传。"),
    Phrase("No sequence is named.", "没有指明序列。"),
    Phrase("Paste a DNA sequence, or attach a FASTA file.", "请粘贴 DNA 序列或上传 FASTA 文件。"),
    Phrase("Which species is it from?", "来自哪个物种？"),
    Phrase("Each has a model of its own.", "每个物种各有模型。"),
    Phrase("There is no model of methylation in {species}.", "没有 {species} 的甲基化模型。"),
    Phrase("There is no model of {mark} in {species}.", "没有 {species} 的 {mark} 模型。"),
    Phrase("There is no model of {mark}.", "没有 {mark} 模型。"),
    Phrase("In {species} there are models of {marks}.", "{species} 有以下模型：{marks}。"),
    Phrase("There are models {models}.", "现有模型：{models}。"),
    Phrase("of 4mC in {one}; of 5hmC in {other}; of 6mA in {third}", "4mC 有 {one}；5hmC 有 {other}；6mA 有 {third}"),
    Phrase("of {mark} in {species}", "{species} 的 {mark}"),
    Phrase("The {name} {given} does not lie between 0 and 1.", "{name} {given} 不在 0 与 1 之间。"),
    Phrase("Give 5 % as 0.05.", "5 % 请写作 0.05。"),
    Phrase("threshold", "阈值"),
    Phrase("prevalence", "甲基化比例"),
    Phrase(
        "{bases} bases are too many to wait for here, where {most} are the most.",
        "{bases} 个碱基过多，此处最多处理 {most} 个。",
    ),
    Phrase("Scan the file with {command}, or attach a part.", "请用 {command} 扫描该文件，或只上传一部分。"),
    Phrase(
        "{count} letters are too many to wait for here, where {most} are the most.",
        "{count} 个字母过多，此处最多处理 {most} 个。",
    ),
    Phrase("Embed the file with {command}, or attach a part.", "请用 {command} 处理该文件，或只上传一部分。"),
    Phrase("There is no model {name} to embed with.", "没有可用于嵌入的模型 {name}。"),
    Phrase("{handle} is no VCF.", "{handle} 不是 VCF。"),
    Phrase("Give variants as VCF, with the line #CHROM POS ID REF ALT.", "请提供含 #CHROM POS ID REF ALT 行的 VCF。"),
    Phrase("Which sequence do the positions of {handle} count in?", "{handle} 中的位置以哪条序列为准？"),
    Phrase("Attach its reference as FASTA.", "请上传其参考序列（FASTA）。"),
    Phrase("What may the variants change?", "要看变异对什么的影响？"),
    Phrase(
        "Name methylation, with a mark and a species, or promoters.",
        "请说明是甲基化（及修饰类型和物种）还是启动子。",
    ),
    Phrase("Which methylation?", "哪种甲基化？"),
    Phrase("There are models of {marks} in {species}.", "{species} 有 {marks} 的模型。"),
    Phrase(
        "{handle} has more than {most} alleles, the most that are scored here.",
        "{handle} 的等位基因超过此处上限 {most} 个。",
    ),
    Phrase("Score it with {command}, or attach a part.", "请用 {command} 打分，或只上传一部分。"),
    Phrase("{handle} has no variants.", "{handle} 中没有变异。"),
    Phrase("Give a VCF with at least one line below its header.", "请提供表头之下至少有一行的 VCF。"),
    Phrase(
        "{handle} names {count} contigs, and a bare sequence is one.",
        "{handle} 涉及 {count} 条序列，而所给的只有一条序列。",
    ),
    Phrase("Give the reference as FASTA.", "请以 FASTA 提供参考序列。"),
    Phrase("{handle} is no table of markers.", "{handle} 不是标记表。"),
    Phrase(
        "Give one line a row and one marker a column, or a VCF with genotypes.",
        "请每行一个品系、每列一个标记，或提供含基因型的 VCF。",
    ),
    Phrase("There is no environment {number}.", "没有环境 {number}。"),
    Phrase("There are environments 1 to {count}.", "现有环境 1 至 {count}。"),
    Phrase("There is no promoter model {name}.", "没有启动子模型 {name}。"),
    Phrase("There are core (70 bases) and tata300 (300 bases).", "现有 core（70 个碱基）和 tata300（300 个碱基）。"),
    Phrase(
        "{name} has {bases} bases, and {needed} are needed by {model}.",
        "{name} 有 {bases} 个碱基，{model} 需要 {needed} 个。",
    ),
    Phrase("Give more of the sequence around the start of transcription.", "请提供转录起始位点周围更长的序列。"),
    Phrase("Every window of {handles} has unknown bases, {count} in all.", "{handles} 的 {count} 个窗口都有未知碱基。"),
    Phrase("Give a sequence without N.", "请提供不含 N 的序列。"),
    Phrase(
        "The longest sequence of {handles} has {bases} bases, and {needed} are needed.",
        "{handles} 中最长的序列有 {bases} 个碱基，至少需要 {needed} 个。",
    ),
    Phrase(
        "Give {count} bases on either side of the base that is to be judged.",
        "请在待判断的碱基两侧各提供 {count} 个碱基。",
    ),
    Phrase(
        "No {base} on either strand of {handles} can be judged: {edges} stand within {count} bases of an end, "
        "{unknown} near unknown bases.",
        "{handles} 两条链上没有可判断的 {base}：{edges} 个距末端不足 {count} 个碱基，{unknown} 个附近有未知碱基。",
    ),
    Phrase("Give more of the sequence around the bases that are to be judged.", "请提供待判断碱基周围更长的序列。"),
)
# What is wrong with a sequence or a file, and the way out: `seqmodels.data`.
_DATA = (
    Phrase("{handle} ({name}), {place}: {reason}", "附件 {handle}（{name}），{place}：{reason}"),
    Phrase("{handle} ({name}): {reason}", "附件 {handle}（{name}）：{reason}"),
    Phrase("this is a protein sequence ({letters})", "这是蛋白质序列（{letters}）"),
    Phrase(
        "DNA is needed: give the gene's or transcript's nucleotide sequence, or use a protein model (ESM-2).",
        "需要 DNA：请提供基因或转录本的核苷酸序列，或改用蛋白质模型（ESM-2）。",
    ),
    Phrase("position {position} is a gap ({letter})", "第 {position} 位是空位（{letter}）"),
    Phrase("Remove the gaps of an alignment; write unknown bases as N.", "请去掉比对中的空位，未知碱基写作 N。"),
    Phrase("position {position} holds {letter}, which is no nucleotide", "第 {position} 位是 {letter}，不是核苷酸"),
    Phrase(
        "DNA is written with A C G T, N for unknown bases, and the IUPAC codes R Y S W K M B D H V.",
        "DNA 用 A C G T 书写，未知碱基写作 N，也可用 IUPAC 代码 R Y S W K M B D H V。",
    ),
    Phrase(
        "{found} of the model's {count} markers are there; the table has {there}: {names}",
        "模型的 {count} 个标记中只有 {found} 个；表中有 {there} 个：{names}",
    ),
    Phrase(
        "Give at least {share} of them, named as in training: {names}.",
        "请至少提供其中的 {share}，名称与训练时相同：{names}。",
    ),
    Phrase("the file has no samples", "文件中没有样本"),
    Phrase("Name the markers alike in both tables.", "请在两个表中使用相同的标记名称。"),
    Phrase("the sequence is empty", "序列为空"),
    Phrase("Remove the record, or give its sequence.", "请删去该记录，或给出其序列。"),
    Phrase("the file is empty", "文件为空"),
    Phrase("The first line names the columns, the others hold the rows.", "首行写列名，其余各行为数据。"),
    Phrase("there are no rows", "没有数据行"),
    Phrase("Give at least one row below the header.", "请在表头下至少给出一行。"),
    Phrase("there is no column {name}; the columns are {columns}", "没有名为 {name} 的列；现有列：{columns}"),
    Phrase("Did you mean {name}?", "是否指 {name}？"),
    Phrase("Name the column to use.", "请指明要用的列。"),
    Phrase("the first line holds data ({data})", "首行是数据（{data}）"),
    Phrase("Write a first line that names the columns.", "请在首行写明列名。"),
    Phrase("this is a PDF", "这是 PDF"),
    Phrase("Give the table or sequence file itself.", "请提供表格或序列文件本身。"),
    Phrase("this is a binary file, not text", "这是二进制文件，不是文本"),
    Phrase("Give the file as text.", "请提供文本文件。"),
    Phrase("line {number}, record {name}", "第 {number} 行，记录 {name}"),
    Phrase("line {number}, column {name}", "第 {number} 行，列 {name}"),
    Phrase("line {number}", "第 {number} 行"),
)
# What a reader should know of a prediction: `agent.tools`, `seqmodels.predictors`.
_NOTICES = (
    Phrase("{handle} is RNA: U was read as T.", "{handle} 是 RNA：U 按 T 读取。"),
    Phrase(
        "No mark was named: predicted is each that there is a model of in {species}: {marks}.",
        "未指明修饰类型：已用 {species} 的全部模型预测：{marks}。",
    ),
    Phrase("There is no model of {mark} in {species}; it was left out.", "没有 {species} 的 {mark} 模型，已略去。"),
    Phrase(
        "{model}: what the two strands say of {count} of {scored} candidate bases disagrees; take these as unsettled.",
        "{model}：{scored} 个候选碱基中有 {count} 个的两链结果不一致，请视为未定。",
    ),
    Phrase(
        "{model}: {count} of {total} sequences look more like a promoter on their other strand.",
        "{model}：{total} 条序列中有 {count} 条在另一条链上更像启动子。",
    ),
    Phrase(
        "No model was named: {model} was taken, which reads {window} bases.",
        "未指明模型：已用 {model}，它读取 {window} 个碱基。",
    ),
    Phrase(
        "{count} of {total} alleles do not fit the reference, which has other bases than REF there: give the version "
        "of the genome that the variants were called on.",
        "{total} 个等位基因中有 {count} 个与参考序列不符（该处碱基并非 REF）：请提供检出这些变异所用的基因组版本。",
    ),
    Phrase("{count} of {total} alleles were not scored: {why}.", "{total} 个等位基因中有 {count} 个未判断：{why}。"),
    Phrase(
        "Yields are in standard deviations from the mean of the training lines of the environment, with 95 % "
        "intervals.",
        "产量以该环境训练品系的均值为零点、标准差为单位，并给出 95% 区间。",
    ),
    Phrase("{count} of {total} lines are flagged: {why}.", "{total} 个品系中有 {count} 个需注意：{why}。"),
    Phrase("The model was trained on human promoters.", "该模型用人的启动子训练。"),
    Phrase(
        "Half of the training sites were methylated, genomes have far fewer: name the share of methylated bases, where "
        "it is known, to have the probabilities corrected.",
        "训练位点中一半被甲基化，而基因组中少得多：若已知甲基化碱基的比例，请说明，以便校正概率。",
    ),
    Phrase(
        "Probabilities are corrected for a genome where {share} of the candidate bases are methylated.",
        "概率已按基因组中候选碱基有 {share} 被甲基化校正。",
    ),
)
# What was said of papers since, and what was left out therefore: `retrieval.notices`.
_SINCE = (
    Phrase(
        "Left out as retracted, though among the best matches: {papers}.",
        "以下论文虽在最佳匹配之列，但已撤稿，故未采用：{papers}。",
    ),
    *(
        Phrase(f"{name}{more}", f"{chinese}{its}")
        for name, chinese in (
            ("Retraction", "撤稿"), ("Correction", "更正"), ("Expression of concern", "关注声明"),
            ("Reinstatement", "恢复"),
        )
        for more, its in (("", ""), (" ({where})", "（{where}）"), (": {reason}", "：{reason}"),
                          (" ({where}): {reason}", "（{where}）：{reason}"))
    ),
)  # fmt: skip
_RETELLING = Retelling((*_SINCE, *_EVIDENCE, *_REFUSALS, *_DATA, *_NOTICES, *UNLIKE))
PHRASES = _RETELLING.phrases
retold = _RETELLING.retold
