"""Every word that the page says, in English and in Chinese."""

from agent.wording import Language, Phrase

__all__ = ["Language", "Phrase"]

# Tags of BCP 47, as the page's HTML names them.
TAGS: dict[Language, str] = {"en": "en", "zh": "zh-Hans"}

TAGLINE = Phrase(
    "Answers from your papers, every sentence with a quote that you can check.",
    "根据您的论文回答问题，每一句都有可核对的原文。",
)
LANGUAGE = Phrase("Language", "语言")
ASK = Phrase("Ask", "问答")

ASK_EXAMPLE = Phrase("Ask, paste or drop in files", "提问、粘贴序列或拖入文件")
ANSWERS = Phrase("Questions and answers", "问题与回答")
GREETING = Phrase(
    "### What do your papers say?\n\nEvery sentence of an answer carries a number. "
    "Open it to read the quote where it stands in its paper.",
    "### 您的论文怎么说？\n\n回答的每一句都带有编号，打开编号即可在论文原处阅读引文。",
)
ON_THIS_COMPUTER = Phrase(
    "Questions, papers and answers stay on this computer. Check the quotes before you rely on an answer.",
    "问题、论文和回答都保存在本机。采用回答之前，请先核对引文。",
)
FILES = Phrase(
    "Papers (PDF, text, XML, JSONL) go into “My papers”, data (FASTA, VCF, CSV, TSV) with the question. "
    "Up to 100 MB each.",
    "论文（PDF、文本、XML、JSONL）存入“My papers”，数据（FASTA、VCF、CSV、TSV）随问题附上。每个文件最大 100 MB。",
)
WORKING = Phrase("Reading the question…", "正在理解问题…")
WRITING = Phrase("Writing a sentence, to be proved before it is shown…", "正在撰写句子，核对后显示…")
STOPPED = Phrase("Stopped.", "已停止。")
BROKEN_OFF = Phrase(
    "The answer broke off. Ask again; if it breaks off again, run `epicite doctor`.",
    "回答中断了。请重新提问；若再次中断，请运行 `epicite doctor`。",
)
TURN_FAILED = Phrase("The question could not be answered", "未能回答这个问题")
NOT_BORNE_OUT = Phrase("Check this sentence: {reason}", "请核对此句：{reason}")
WITHHELD = Phrase("A sentence was withheld: {reason}", "有一句未予显示：{reason}")
OWN_WORDS = Phrase("The model's own words, without a citation", "模型自己的话，没有引文")
COMPUTED = Phrase("Computed from the evidence table", "根据证据表计算")
PREDICTED = Phrase("A model's prediction, not literature", "模型预测，并非文献")
SOURCES = Phrase("Sources", "出处")
CITATION = Phrase("Quote {number}", "引文 {number}")
OPEN_CITATION = Phrase("Open quote {number}: {title}", "打开引文 {number}：{title}")
CLOSE = Phrase("Close", "关闭")
VERIFIED = Phrase(
    "Checked: these are characters {start} to {end} of the stored text, which is unchanged.",
    "已核对：引文为所存文本的第 {start} 至 {end} 个字符，文本未变。",
)
NOT_VERIFIED = Phrase("This quote can no longer be shown: {reason}.", "无法再显示此引文：{reason}。")
NOT_OPEN = Phrase("the library “{library}” is not open", "文献库“{library}”未打开")
NEAREST = Phrase("A paper near the question", "与问题接近的论文")
NOT_CITED = Phrase(
    "Among the nearest to the question; it was not found to answer it, so nothing is cited from it.",
    "与问题最接近的论文之一；未发现其中有答案，因此没有引用。",
)
NOT_SHOWN = Phrase("This paper can no longer be shown: {reason}.", "无法再显示此论文：{reason}。")
TOOL_SEARCH = Phrase("Search the libraries", "检索文献库")
TOOL_FIND = Phrase("Find a paper", "查找论文")
TOOL_READ = Phrase("Read a paper", "阅读论文")
TOOL_METHYLATION = Phrase("Predict methylated bases", "预测甲基化位点")
TOOL_PROMOTER = Phrase("Predict promoters", "预测启动子")
TOOL_PHENOTYPE = Phrase("Predict yields", "预测产量")
TOOL_VARIANT = Phrase("Score variants", "评估变异")
TOOL_EMBED = Phrase("Make vectors of sequences", "生成序列向量")
TOOL_EXTRACT = Phrase("Extract methylation from a text", "从文本中提取甲基化")
TOOL_EVIDENCE = Phrase("Ask the evidence table", "查询证据表")
COLUMN_SEQUENCE = Phrase("Sequence", "序列")
COLUMN_POSITION = Phrase("Position", "位置")
COLUMN_STRAND = Phrase("Strand", "链")
COLUMN_MODEL = Phrase("Model", "模型")
COLUMN_PROBABILITY = Phrase("Probability", "概率")
COLUMN_DISAGREEMENT = Phrase("Strands differ by", "两链之差")
COLUMN_START = Phrase("From", "起点")
COLUMN_END = Phrase("To", "终点")
COLUMN_LINE = Phrase("Line", "品系")
COLUMN_ENVIRONMENT = Phrase("Environment", "环境")
COLUMN_YIELD = Phrase("Yield", "产量")
COLUMN_LOW = Phrase("Low", "下限")
COLUMN_HIGH = Phrase("High", "上限")
COLUMN_RELIABILITY = Phrase("Reliability", "可靠性")
COLUMN_CONTIG = Phrase("Contig", "染色体或重叠群")
COLUMN_REF = Phrase("Reference", "参考")
COLUMN_ALT = Phrase("Variant", "变异")
COLUMN_SITE = Phrase("Site", "位点")
COLUMN_BEFORE = Phrase("Before", "变异前")
COLUMN_AFTER = Phrase("After", "变异后")
COLUMN_CHANGE = Phrase("Change", "变化")
COLUMN_OTHER = Phrase("Other sequence", "另一序列")
COLUMN_COSINE = Phrase("Cosine", "余弦")
ROWS_SHOWN = Phrase("The first {shown} of {total}", "共 {total} 行，显示前 {shown} 行")
MODEL = Phrase("Model {name}", "模型 {name}")
HELD_OUT = Phrase("held-out {name} {value}, {rows} rows", "留出数据 {name} {value}，{rows} 行")
WEIGHTS = Phrase("weights {hash}", "权重 {hash}")
DOWNLOAD = Phrase("Download", "下载")
SHOWN_PAPERS = Phrase("{papers} papers, {sentences} sentences", "{papers} 篇论文，{sentences} 句")
MORE_PAPERS = Phrase("and {count} more", "另有 {count} 篇")

KIND_DNA = Phrase("DNA", "DNA 序列")
KIND_RNA = Phrase("RNA", "RNA 序列")
KIND_PROTEIN = Phrase("Protein", "蛋白质序列")
KIND_AMBIGUOUS = Phrase("Sequence of unclear kind", "类型不明的序列")
KIND_FASTA = Phrase("FASTA", "FASTA 文件")
KIND_TABLE = Phrase("Table", "表格")
KIND_VCF = Phrase("VCF", "VCF 文件")
KIND_PAPER = Phrase("Paper", "论文")
KIND_FILE = Phrase("Neither a sequence nor a table", "不是序列或表格")
SEQUENCE_COUNT = Phrase("sequences: {count}", "序列数：{count}")
LETTER_COUNT = Phrase("letters: {count}", "字母数：{count}")
ROW_COUNT = Phrase("rows: {count}", "行数：{count}")
ALPHABET = Phrase("alphabet: {letters}", "字母表：{letters}")
ATTACHED = Phrase("Attached", "附件")

CONVERSATIONS = Phrase("Conversations", "对话")
NEW_CONVERSATION = Phrase("New conversation", "新对话")
NO_CONVERSATIONS = Phrase("Your questions will be kept here.", "您的提问会保存在这里。")
DELETE = Phrase("Delete", "删除")
DELETE_THIS = Phrase("Delete “{title}”", "删除“{title}”")
DELETE_REALLY = Phrase("Delete this conversation for good?", "永久删除此对话？")
KEEP = Phrase("Keep", "保留")

UPLOAD_BEGUN = Phrase("Reading into “{library}”…", "正在读入“{library}”…")
STAGE_READING = Phrase("Papers read", "已读论文")
STAGE_GENES = Phrase("Gene names", "基因名称")
STAGE_EMBEDDING = Phrase("Passages embedded", "已编码段落")
STAGE_INDEXING = Phrase("Passages indexed", "已索引段落")
UPLOAD_DONE = Phrase(
    "“{library}”: {added} added, {updated} updated, {unchanged} unchanged, {failed} failed.",
    "“{library}”：新增 {added}，更新 {updated}，未变 {unchanged}，失败 {failed}。",
)
UPLOAD_READY = Phrase("It is ticked: ask about it now.", "已勾选，现在即可提问。")
UPLOAD_STOPPED = Phrase(
    "Stopped. What was read so far stays in “{library}”.", "已停止。已读入的论文保留在“{library}”中。"
)
FAILURE = Phrase("{file}: {reason}. {remedy}", "文件 {file}：{reason}。{remedy}")
FAILURE_AT = Phrase("{file}, {place}: {reason}. {remedy}", "文件 {file}，{place}：{reason}。{remedy}")
UPLOAD_FAILED = Phrase("The files could not be taken in", "未能读入文件")

QUESTION = Phrase("What would you like to know?", "您想了解什么？")
QUESTION_EXAMPLE = Phrase("A question, a gene, a disease, a PMID…", "输入问题、基因、疾病或 PMID，中英文均可")
SEARCH = Phrase("Search", "检索")
TRY = Phrase("Try", "试试")
LIBRARIES = Phrase("Libraries (papers)", "文献库（论文数）")
FILTERS = Phrase("Filters", "筛选")
YEAR_FROM = Phrase("Year from", "起始年份")
YEAR_TO = Phrase("Year to", "截止年份")
JOURNAL = Phrase("Journal", "期刊")
JOURNAL_EXAMPLE = Phrase("e.g. Clin Cancer Res", "如 Clin Cancer Res")
GENE = Phrase("Gene", "基因")
GENE_EXAMPLE = Phrase("e.g. RASSF1A", "如 RASSF1A")
LEAVE_OUT_RETRACTED = Phrase("Leave out retracted papers", "不含已撤稿论文")
RESULTS_WANTED = Phrase("Number of results", "结果数量")

FOUND = Phrase("{count} results among {papers} papers", "在 {papers} 篇论文中找到 {count} 条结果")
FOUND_ONE = Phrase("1 result among {papers} papers", "在 {papers} 篇论文中找到 1 条结果")
SEARCHED_AS = Phrase("Searched in English as", "按以下英文检索")
NOTHING_FOUND = Phrase("Nothing found", "没有找到结果")
NOTHING_FOUND_ADVICE = Phrase(
    "The ticked libraries hold no passage for this question under these filters. "
    "Try fewer or more general words, clear the filters, or tick more libraries.",
    "所选文献库中没有符合该问题和筛选条件的段落。请尝试更少或更宽泛的词语，清除筛选条件，或多选几个文献库。",
)
NO_QUESTION = Phrase("Type a question first.", "请先输入问题。")
NO_LIBRARY = Phrase("Tick at least one library to search.", "请至少选择一个文献库。")
BAD_YEARS = Phrase(
    "{year_from} to {year_to} is no range of years. Give years of four digits, the earlier one first.",
    "{year_from} 至 {year_to} 不是有效的年份范围。请输入四位数年份，较早的在前。",
)
FAILED = Phrase("The search did not work", "检索未能完成")

EVIDENCE = Phrase("Evidence", "证据表")
GENE_BY_ANY_NAME = Phrase("Gene, by any name", "基因（任意名称）")
GENE_NAME_EXAMPLE = Phrase("e.g. p16, hMLH1", "如 p16、hMLH1")
DISEASE = Phrase("Disease", "疾病")
DISEASE_EXAMPLE = Phrase("e.g. gastric cancer", "如 胃癌")
EVIDENCE_STATUS = Phrase("Methylation", "甲基化")
SAMPLE = Phrase("Sample", "样本")
EVIDENCE_SOURCE = Phrase("Read by", "来源")
ANY = Phrase("any", "不限")
WITH_REJECTED = Phrase("Show rejected rows", "显示已驳回的记录")
WITH_RETRACTED = Phrase("Show retracted papers", "显示已撤稿论文")
SHOW = Phrase("Show", "查看")
METHYLATED = Phrase("methylated", "甲基化")
HYPERMETHYLATED = Phrase("hypermethylated", "高甲基化")
HYPOMETHYLATED = Phrase("hypomethylated", "低甲基化")
UNMETHYLATED = Phrase("unmethylated", "未甲基化")
DEMETHYLATED = Phrase("demethylated", "去甲基化")
DIFFERENTIALLY_METHYLATED = Phrase("differentially methylated", "差异甲基化")
MORE_METHYLATION = Phrase("more (+)", "升高（+）")
LESS_METHYLATION = Phrase("less (−)", "降低（−）")
SAMPLE_TUMOUR = Phrase("tumour", "肿瘤")
SAMPLE_CELL_LINE = Phrase("cell line", "细胞系")
SAMPLE_NORMAL = Phrase("normal", "正常组织")
SAMPLE_BLOOD = Phrase("blood", "血液")
SAMPLE_ANIMAL = Phrase("animal", "动物")
SOURCE_TAGGER = Phrase("tagger", "标注模型")
SOURCE_CURATED = Phrase("curated", "人工整理")
SOURCE_PERSON = Phrase("a person", "人工更正")
ACCEPTED = Phrase("accepted", "已确认")
REJECTED = Phrase("rejected", "已驳回")
CORRECTED = Phrase("corrected", "已更正")
NEGATED = Phrase("negated", "否定")
SPECULATED = Phrase("speculated", "推测")
COLUMN_STATUS = Phrase("Status", "状态")
COLUMN_FREQUENCY = Phrase("Frequency", "频率")
COLUMN_HEDGES = Phrase("Notes", "备注")
COLUMN_QUOTE = Phrase("Quote", "原文")
SORT_BY = Phrase("Sort by {column}", "按{column}排序")
COUNT_OF = Phrase("{some} of {all}", "{all} 例中 {some} 例")
EVIDENCE_COUNTS = Phrase(
    "{rows} rows · {genes} genes · {diseases} diseases · {papers} papers",
    "{rows} 条记录 · {genes} 个基因 · {diseases} 种疾病 · {papers} 篇论文",
)
REJECTED_HIDDEN = Phrase("{count} rejected rows are not shown.", "另有 {count} 条已驳回的记录未显示。")
DOWNLOAD_CSV = Phrase("Download as CSV", "下载 CSV")
EXPORT_CORRECTIONS = Phrase("Export for correction (JSONL)", "导出以供更正（JSONL）")
IMPORT_CORRECTIONS = Phrase("Import corrections", "导入更正")
IMPORT_FAILED = Phrase("The corrections could not be taken in", "未能导入更正")
IMPORTED = Phrase(
    "Corrections taken in: {count}. They are kept, whatever reads the papers next.",
    "已导入更正 {count} 条，重新标注后仍然有效。",
)
IMPORTED_IN_PART = Phrase(
    "Corrections taken in: {count}. Left out: {gone}, whose rows no ticked library has; their papers may have changed.",
    "已导入更正 {count} 条。另有 {gone} 条未导入：所选文献库中没有对应记录，论文可能已修改。",
)
IMPORTED_NOTHING = Phrase(
    "The file holds no verdict. Fill in “verdict” on a line: accepted, rejected or corrected.",
    "文件中没有任何判定。请在相应行填写 “verdict”：accepted、rejected 或 corrected。",
)
HEAT_MAP = Phrase("Genes and diseases", "基因与疾病")
HEAT_MAP_HELP = Phrase(
    "Number of papers; the colour tells whether they find more methylation or less. Open a cell to read its quotes.",
    "数字为论文数，颜色表示甲基化升高或降低。打开单元格即可阅读原文。",
)
HEAT_MORE = Phrase("more methylation", "甲基化升高")
HEAT_LESS = Phrase("less methylation", "甲基化降低")
HEAT_DISAGREE = Phrase("findings disagree", "结论不一")
HEAT_NO_SIGN = Phrase("no direction given", "未说明方向")
HEAT_CELL = Phrase("{gene}, {disease}: papers {papers} ({told})", "{gene}，{disease}：论文 {papers} 篇（{told}）")
HEAT_TOLD = Phrase("more {more}, less {less}", "升高 {more}，降低 {less}")
HEAT_LEFT_OUT = Phrase(
    "Those with most papers are shown. Left out: {genes} genes, {diseases} diseases.",
    "仅显示论文最多的部分。未显示：{genes} 个基因、{diseases} 种疾病。",
)
HEAT_NO_DISEASE = Phrase("Rows that name no disease: {rows}.", "{rows} 条记录未提及疾病。")
OF_CELL = Phrase("{gene} in {disease}", "{disease}中的 {gene}")
ALL_ROWS = Phrase("Show all rows", "显示全部记录")
MORE_ROWS = Phrase("Show more rows", "显示更多")
READ_QUOTE = Phrase("Read the quote in its paper", "在论文原处阅读")
YOUR_VERDICT = Phrase("Is this row right?", "这条记录正确吗？")
ACCEPT = Phrase("Accept", "确认")
REJECT = Phrase("Reject", "驳回")
CORRECT = Phrase("Correct…", "更正…")
TAKE_BACK = Phrase("Take back", "撤回")
NOT_JUDGED = Phrase("The verdict could not be stored", "未能保存判定")
STORE_CORRECTION = Phrase("Store the correction", "保存更正")
NO_CORRECTION = Phrase("Nothing was changed, so nothing is stored.", "没有任何改动，未保存。")
NO_GENE = Phrase("A row needs a gene of at most {most} characters.", "基因名称不能为空，且不超过 {most} 个字符。")
NO_LIBRARY_FOR_EVIDENCE = Phrase(
    "Tick a library above, or give papers in the chat to make one.", "请在上方选择文献库，或在问答中添加论文。"
)
NO_EVIDENCE = Phrase("No evidence here", "没有证据记录")
NO_EVIDENCE_AT_ALL = Phrase(
    "The ticked libraries hold no row of evidence. Give papers that speak of DNA methylation in the chat, "
    "or run `epicite ingest`.",
    "所选文献库中没有证据记录。请在问答中添加涉及 DNA 甲基化的论文，或运行 `epicite ingest`。",
)
NO_EVIDENCE_ASKED = Phrase(
    "No row passes these filters. Clear some of them, or tick more libraries.",
    "没有符合筛选条件的记录。请减少筛选条件，或多选几个文献库。",
)
NO_TAGGER = Phrase(
    "No tagger is installed, so papers are not read for evidence: only curated rows are shown. "
    "Put one into the folder “tagger” of Epicite's home; `epicite doctor` says where that is.",
    "未安装标注模型，无法从论文中提取证据，仅显示人工整理的记录。"
    "请将模型放入 Epicite 主目录的 “tagger” 文件夹；`epicite doctor` 会显示该目录。",
)
PENDING_EVIDENCE = Phrase(
    "{library}: {count} papers have not been read for evidence yet; `epicite evidence` reads them.",
    "{library}：有 {count} 篇论文尚未提取证据；运行 `epicite evidence` 即可提取。",
)
EVIDENCE_FAILED = Phrase("The evidence could not be read", "未能读取证据")

NO_TITLE = Phrase("Title not given", "未注明标题")
NO_AUTHORS = Phrase("authors not given", "未注明作者")
NO_JOURNAL = Phrase("journal not given", "未注明期刊")
NO_YEAR = Phrase("year not given", "未注明年份")
AND_OTHERS = Phrase("{authors} et al.", "{authors} 等")
ABSTRACT = Phrase("Abstract", "摘要")
FULL_TEXT = Phrase("Full text", "全文")
DIGEST = Phrase("Digest: written for Epicite, not the abstract", "摘编：为 Epicite 撰写，并非论文摘要")
RETRACTED = Phrase("Retracted", "已撤稿")
PAGE = Phrase("page {page}", "第 {page} 页")
SECTION = Phrase("section “{section}”", "“{section}”部分")
LIBRARY = Phrase("library “{library}”", "文献库“{library}”")
WEB_PAGE = Phrase("Page at {host}", "{host} 网页")

HOW_TO_READ = Phrase(
    "Each result is a passage of a paper, unchanged, with the sentence nearest to your question "
    "highlighted. Questions, papers and results stay on this computer.",
    "每条结果都是论文中的原文段落，与问题最接近的句子会高亮显示。问题、论文和结果都保存在本机。",
)

# The name of each phrase, by which the browser knows it.
NAMES: dict[Phrase, str] = {phrase: name for name, phrase in vars().items() if isinstance(phrase, Phrase)}


def translations() -> dict[Language, dict[str, str]]:
    """All phrases by name, for each language, for what the browser itself translates."""
    return {
        "en": {name: phrase.en for phrase, name in NAMES.items()},
        "zh": {name: phrase.zh for phrase, name in NAMES.items()},
    }


def preferred_language(accepted: str) -> Language:
    """The language to begin with, by the Accept-Language header of a browser (RFC 9110, section 12.5.4)."""
    weighted = []
    for position, entry in enumerate(accepted.split(",")):
        tag, _, weight = entry.partition(";q=")
        try:
            weighted.append((-float(weight or 1), position, tag.strip().lower()))
        except ValueError:
            continue
    for _, _, tag in sorted(weighted):
        primary = tag.partition("-")[0]
        if primary == "zh":
            return "zh"
        if primary == "en":
            return "en"
    return "en"
