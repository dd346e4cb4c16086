"""Why a file of one of the formats did not become a paper, in English as `corpora` says it and in Chinese."""

from page.words import Phrase

UNREAD = (
    Phrase("is XML of a kind that is not read (its root element is <{root}>)", "是无法读取的 XML（根元素为 <{root}>）"),
    Phrase("holds no article or record (its root element is <{root}>)", "不含文章或记录（根元素为 <{root}>）"),
    Phrase("holds no <article-meta>", "不含 <article-meta>"),
    Phrase("has neither title nor text", "既无标题也无正文"),
    Phrase("is damaged or no JSON: {flaw}", "已损坏或不是 JSON：{flaw}"),
    Phrase("is damaged or no table: {error}", "已损坏或不是表格：{error}"),
    Phrase("is damaged or no zip file: {error}", "已损坏或不是 zip 文件：{error}"),
    Phrase("is damaged or no archive: {error}", "已损坏或不是归档文件：{error}"),
    Phrase("is damaged or no Word document: {error}", "已损坏或不是 Word 文档：{error}"),
    Phrase("is damaged or no workbook: {error}", "已损坏或不是 Excel 工作簿：{error}"),
    Phrase("is larger than {size} MiB, the limit for one JSON file", "大于 JSON 文件 {size} MiB 的上限"),
    Phrase("is larger than {size} MiB, the limit for one page", "大于网页 {size} MiB 的上限"),
    Phrase("is larger than {size} MiB when unpacked", "解压后大于 {size} MiB"),
    Phrase(
        "has a line that is longer than {size} MiB, the limit for one record", "有一行超过单条记录 {size} MiB 的上限"
    ),
    Phrase("is not text: it holds NUL characters", "不是文本：含有 NUL 字符"),
    Phrase("is a table without the columns of papers (found: {names})", "表格没有论文的列（现有：{names}）"),
    Phrase("has no row below its header", "表头之下没有数据行"),
    Phrase("ends before its end: there is no line ER", "记录不完整：缺少 ER 行"),
    Phrase("holds no RIS record", "不含 RIS 记录"),
    Phrase("holds no BibTeX entry", "不含 BibTeX 条目"),
    Phrase("is no whole BibTeX entry ({found})", "不是完整的 BibTeX 条目（{found}）"),
    Phrase("is protected with a password, or of an old format (.doc, .xls)", "有密码保护，或是旧格式（.doc、.xls）"),
    Phrase("is a zip bomb: {size} bytes are packed in {packed}", "是压缩炸弹：{packed} 字节中压缩了 {size} 字节"),
    Phrase("has no cell with a value", "没有含值的单元格"),
    Phrase("is no EPUB (it has no {part})", "不是 EPUB（缺少 {part}）"),
    Phrase("is encrypted (it is protected against copying)", "已加密（有版权保护）"),
    Phrase("is a link or a device, not a file", "是链接或设备，不是文件"),
    Phrase("has a name that leads out of the archive", "文件名指向归档之外"),
    Phrase("occurs twice in the archive", "在归档中出现两次"),
    Phrase("lies in an archive within an archive", "位于归档中的归档之内"),
    Phrase("holds no file that is read", "不含可读取的文件"),
    Phrase("Download the file again, or export it again from where it came.", "请重新下载，或从来源重新导出。"),
    Phrase("Download it again, or open it and save it anew.", "请重新下载，或打开后另存。"),
    Phrase("Save it without a password.", "请另存为不带密码的文件。"),
    Phrase("Pack the archive again, with plain files under relative names.", "请重新打包，只含普通文件和相对路径。"),
    Phrase("Split it.", "请拆分。"),
)
