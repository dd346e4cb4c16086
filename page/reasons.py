"""What is said in English elsewhere - reasons of the proof, notices, failures - and how it reads in Chinese."""

from agent.tools import refusals
from agent.wording import Retelling
from page.formats import UNREAD
from page.words import Language, Phrase

# Why a sentence is doubted or withheld: `agent.proof`, `agent.conversation`.
_PROOF = (
    Phrase("the quote says {quoted}, the claim {claimed}", "引文为 {quoted}，此句为 {claimed}"),
    Phrase("the quote says {quoted} for {label}, the claim {claimed}", "引文中 {label} 为 {quoted}，此句为 {claimed}"),
    Phrase("the claim says {claimed}, which no quote does", "此句提到“{claimed}”，引文均未提及"),
    Phrase("the claim names {claimed}, which no quote does", "此句提到 {claimed}，引文均未提及"),
    Phrase("the quote names {quoted}, the claim {claimed}", "引文提到的是 {quoted}，此句却是 {claimed}"),
    Phrase("the claim names {claimed}, the quote {quoted}", "此句提到 {claimed}，引文却是 {quoted}"),
    Phrase("the claim says {claimed}, the quote {quoted}", "此句为“{claimed}”，引文为“{quoted}”"),
    Phrase("the claim is negated, the quote is not", "此句为否定，引文并非否定"),
    Phrase("the quote is negated, the claim is not", "引文为否定，此句却是肯定"),
    Phrase("the quotes are about something else", "引文讲的是另一件事"),
    Phrase("the prediction says {predicted}, the claim {claimed}", "预测为 {predicted}，此句为 {claimed}"),
    Phrase("the claim says {claimed}, which no prediction of this turn does", "此句提到“{claimed}”，本次预测中没有"),
    Phrase("the claim names {claimed}, which no prediction of this turn does", "此句提到 {claimed}，本次预测中没有"),
    Phrase("the claim says {claimed}, the prediction {predicted}", "此句为“{claimed}”，预测为“{predicted}”"),
    Phrase("the claim is negated, the prediction is not", "此句为否定，预测并非否定"),
    Phrase("the prediction is negated, the claim is not", "预测为否定，此句却是肯定"),
    Phrase("the paper is no longer in the library", "该论文已不在文献库中"),
    Phrase("the citation names another paper than the one that is stored", "引用所指的论文与所存论文不符"),
    Phrase("the text of the paper has changed since it was cited", "论文文本在引用之后已改变"),
    Phrase("the place of the quote is outside the paper", "引文位置超出论文范围"),
    Phrase("the quote is not at its place in the paper", "引文不在论文中的相应位置"),
    Phrase("cites {numbers}, which no tool has shown", "引用了 {numbers}，但没有工具给出过这些句子"),
    Phrase("the library {library} is not open", "文献库“{library}”未打开"),
)
# What a reader should know of how an answer came about: `agent.conversation`, `retrieval.search`, `agent.tools`.
_NOTICES = (
    Phrase("{model} could not answer ({reason}); {other} does.", "{model} 无法回答（{reason}），改由 {other} 回答。"),
    Phrase("it gave no answer", "没有给出回答"),
    Phrase("it kept silent for {seconds} s", "{seconds} 秒没有回应"),
    Phrase("it was not done after {seconds} s", "{seconds} 秒后仍未答完"),
    Phrase("it does not come to an end", "回答没有止境"),
    Phrase("its answer was cut off", "回答被中断"),
    Phrase("its answer did not fit into its window", "回答超出了它的上下文长度"),
    Phrase("it wrote a tool call that is no JSON", "它写出的工具调用不是 JSON"),
    Phrase("Connection error.", "无法连接"),
    Phrase("Request timed out.", "请求超时"),
    Phrase(
        "{library}: {count} papers give no year and were left out by the year filter.",
        "{library}：有 {count} 篇论文未注明年份，已被年份筛选排除。",
    ),
    Phrase(
        "{library}: {count} papers give no date and were left out by the as-of day.",
        "{library}：有 {count} 篇论文未注明日期，已被截止日期排除。",
    ),
    Phrase(
        "{library}: {count} papers are found by their words only until they are embedded; `{command}` does it.",
        "{library}：有 {count} 篇论文尚未编码，只能按词语检索；运行 `{command}` 即可编码。",
    ),
    Phrase("No library has a paper {paper}.", "没有文献库收录论文 {paper}。"),
)
# What could not be done, and the way out: errors of `agent`, `retrieval` and the tools.
_ERRORS = (
    Phrase("There is no conversation {name} of yours", "您没有对话 {name}"),
    Phrase("This conversation was deleted while it was being answered in", "回答期间此对话已被删除"),
    Phrase("The conversations in {path} cannot be read ({found})", "无法读取 {path} 中的对话（{found}）"),
    Phrase("{name} is no file that can be read", "{name} 不是可读取的文件"),
    Phrase("Start a new one.", "请新建对话。"),
    Phrase("Ask again.", "请重新提问。"),
    Phrase("Give it again.", "请重新提供。"),
    Phrase("Restore the file or move it away.", "请恢复该文件，或将其移走。"),
    Phrase("Give a PMID, a DOI or most of the title, or search_literature for it.", "请给出 PMID、DOI 或大部分标题。"),
    Phrase(
        "No year is from {first} to {last}. Ask for the years the other way round.",
        "{first} 至 {last} 不是有效的年份范围，请调换年份。",
    ),
    Phrase("{path} cannot be opened ({error})", "无法打开 {path}（{error}）"),
    Phrase("{path} cannot be read ({error})", "无法读取 {path}（{error}）"),
    Phrase("{path} cannot be written ({error})", "无法写入 {path}（{error}）"),
    Phrase("The library has no paper number {number}", "文献库中没有编号为 {number} 的论文"),
    Phrase("It may have been removed: search again.", "它可能已被移除，请重新检索。"),
    Phrase("The library has no evidence row {key}", "文献库中没有证据记录 {key}"),
    Phrase("Its paper may have changed: ask for the rows again.", "论文可能已修改，请重新查看证据表。"),
    Phrase("Nothing was said of the evidence row {key}", "证据记录 {key} 没有判定"),
    Phrase("Ask for the rows again.", "请重新查看证据表。"),
    Phrase("{place} is no row of evidence ({found})", "{place} 不是证据记录（{found}）"),
    Phrase("Mend that line, or export the evidence again.", "请修正该行，或重新导出证据。"),
    Phrase(
        "Say corrected and what is changed, or leave correction empty.",
        "请将判定写为 corrected 并填写更正内容，或将更正留空。",
    ),
    Phrase("Name what `epicite evidence --export` wrote.", "请选择由 `epicite evidence --export` 导出的文件。"),
    Phrase(
        "Restore it from a copy, or delete the library's folder and ingest again.",
        "请从备份恢复，或删除该文献库的文件夹后重新读入。",
    ),
    Phrase(
        "Run `epicite library verify`, and restore the library from a copy where it tells of damage.",
        "请运行 `epicite library verify`；若有损坏，请从备份恢复文献库。",
    ),
    Phrase(
        "See to the disk's space and the folder's permissions, then run the same command again: "
        "what was stored is safe.",
        "请检查磁盘空间和文件夹权限，然后重试；已存内容不受影响。",
    ),
)
# Why a file or record did not become a paper, and what to do: `corpora`, `retrieval.store`.
_FAILURES = (
    Phrase("is empty", "为空"),
    Phrase("is a folder", "是文件夹"),
    Phrase("is encrypted", "已加密"),
    Phrase("has no pages", "没有页面"),
    Phrase("has no text", "没有文本"),
    Phrase("has neither title nor abstract", "既无标题也无摘要"),
    Phrase("has no text on its {pages} pages; it is probably a scan", "{pages} 页均无文本，可能是扫描件"),
    Phrase("is damaged: {found}", "已损坏：{found}"),
    Phrase("is damaged or no XML: {flaw}", "已损坏或不是 XML：{flaw}"),
    Phrase("is damaged gzip: {error}", "gzip 已损坏：{error}"),
    Phrase("is gzip-compressed", "是 gzip 压缩文件"),
    Phrase("is not a PDF: it begins with {head}", "不是 PDF：开头为 {head}"),
    Phrase("has more than {size} MiB of text, the limit for one text", "文本超过 {size} MiB 的上限"),
    Phrase("is larger than {size} MiB, the limit for one text", "大于 {size} MiB 的上限"),
    Phrase("is longer than {size} MiB, the limit for one record", "超过单条记录 {size} MiB 的上限"),
    Phrase("is not text: it holds NUL bytes", "不是文本：含有 NUL 字节"),
    Phrase("is not text: it holds a NUL character at position {place}", "不是文本：第 {place} 个字符为 NUL"),
    Phrase(
        "is not {encoding}: byte {byte} at byte {place} of the {whole}", "不是 {encoding}：第 {place} 字节为 {byte}"
    ),
    Phrase("is not JSON: {error}", "不是 JSON：{error}"),
    Phrase("is not JSON that can be read: {error}", "不是可读取的 JSON：{error}"),
    Phrase("is a JSON {found}, not an object", "是 JSON {found}，而不是对象"),
    Phrase(
        "holds no PubMed article (its root element is <{root}>)",
        "不含 PubMed 文章（根元素为 <{root}>）",
    ),
    Phrase("declares entities in its DOCTYPE, which is unsafe and not read", "DOCTYPE 中声明了实体，不安全，未读取"),
    Phrase("is a chapter of a book, not an article", "是书的章节，不是文章"),
    Phrase("holds no <MedlineCitation>", "不含 <MedlineCitation>"),
    Phrase(
        "goes on for {size} MiB, the limit for one record, without the end of an article",
        "{size} MiB（单条记录的上限）内没有文章结尾",
    ),
    Phrase("has a format that is not read ({given})", "格式无法读取（{given}）"),
    Phrase("has a name that is not UTF-8", "文件名不是 UTF-8"),
    Phrase("cannot be read: {error}", "无法读取：{error}"),
    Phrase("may not be read", "没有读取权限"),
    Phrase("does not exist", "不存在"),
    Phrase("{names} belong to two different papers of the library", "{names} 属于文献库中的两篇不同论文"),
    Phrase("{name} has two different texts: the other is from {path}", "{name} 对应两个不同的文本，另一个来自 {path}"),
    Phrase("Download it again, or mend it, for example with: {command}.", "请重新下载，或修复，例如：{command}。"),
    Phrase(
        "Download it again: where a login is needed, a web page is often saved in its place.",
        "请重新下载：需要登录时，保存下来的常常是网页。",
    ),
    Phrase("Download or compress the file again.", "请重新下载或压缩该文件。"),
    Phrase("Correct the record and read the file again.", "请更正该记录后重新读入文件。"),
    Phrase("Write one JSON object on one line.", "请每行写一个 JSON 对象。"),
    Phrase("Write one flat JSON object.", "请写一个不嵌套的 JSON 对象。"),
    Phrase("Give a file with one JSON object on each line.", "请提供每行一个 JSON 对象的文件。"),
    Phrase("Give a file with text in it.", "请提供含有文本的文件。"),
    Phrase("Give the record a title, an abstract or a text.", "请为该记录补上标题、摘要或正文。"),
    Phrase("Leave it out, or give its text as a file.", "请略去，或将其文本作为文件提供。"),
    Phrase("Split the file.", "请拆分该文件。"),
    Phrase("Save it without a password, for example with: {command}.", "请另存为不带密码的文件，例如：{command}。"),
    Phrase("Recognise its text first, for example with: {command}.", "请先识别文字，例如：{command}。"),
    Phrase("Download the file again, or export the articles again from PubMed.", "请重新下载，或从 PubMed 重新导出。"),
    Phrase("Convert the file to UTF-8, for example with: {command}.", "请将文件转换为 UTF-8，例如：{command}。"),
    Phrase("Keep one of the two records.", "请只保留其中一条记录。"),
    Phrase("Check the path, its permissions and its disk.", "请检查路径、权限和磁盘。"),
    Phrase("record {number}", "第 {number} 条记录"),
)


def said(text: Phrase | str, language: Language) -> str:
    """A phrase in a language; of other text, such as an error's, what is known."""
    return text.say(language) if isinstance(text, Phrase) else retold(text, language)


_RETELLING = Retelling((*_PROOF, *_NOTICES, *_ERRORS, *_FAILURES, *UNREAD, *refusals.PHRASES))
PHRASES = _RETELLING.phrases
retold = _RETELLING.retold
