"""Requests to predict from attachments reach their tool, and what is missing or left aside is understood."""

import pytest
from langchain_core.messages import HumanMessage

from agent.attachments.attaching import Attaching
from agent.attachments.attachment import Attachments
from agent.embedded.extractive import ExtractiveChatModel
from agent.tools import TOOLS
from tests.agent.bench import dna
from tests.agent.tools.test_score_variant import HEAD, line

FASTA = f">a\n{dna(80)}\n>b\n{dna(80, 1)}\n"
VCF = HEAD + line(10) + line(20)
TABLE = "line,m1,m2,m3\nL1,0,1,0\nL2,1,1,0\nL3,0,0,1\n"
FILES = {"x.fa": FASTA, "other.fa": FASTA, "ref.fa": FASTA, "v.vcf": VCF, "lines.csv": TABLE, "train.csv": TABLE}
REQUESTS = [
    ("Could you run the m6A model for fruit fly DNA over this?", ["x.fa"], "predict_methylation_sites"),
    ("How many 5hmC sites does it have in mouse?", ["x.fa"], "predict_methylation_sites"),
    ("这段序列里有羟甲基胞嘧啶吗？物种是人", ["x.fa"], "predict_methylation_sites"),
    ("分别用人和小鼠的模型跑一下5hmC", ["x.fa"], "predict_methylation_sites"),
    ("Does transcription start anywhere in here?", ["x.fa"], "predict_promoter"),
    ("判断一下是不是启动子", ["x.fa"], "predict_promoter"),
    ("Estimate grain yield of my wheat lines", ["lines.csv"], "predict_phenotype"),
    ("哪个品系最值得选？", ["lines.csv"], "predict_phenotype"),
    ("Score the VCF against the reference for promoter activity", ["v.vcf", "ref.fa"], "score_variant"),
    ("这些变异会让酵母的4mC位点消失吗", ["v.vcf", "ref.fa"], "score_variant"),
    ("Get HyenaDNA embeddings", ["x.fa"], "embed_sequence"),
    ("比较这些序列在嵌入空间里的距离", ["x.fa"], "embed_sequence"),
]


@pytest.fixture(scope="module")
def model(starter):
    return ExtractiveChatModel(embedder=starter.embedder).bind_tools(TOOLS)


@pytest.fixture
def reply(model, tmp_path):
    """What the model replies to a request with files."""

    def run(request: str, *names: str):
        for name in names:
            (tmp_path / name).write_text(FILES[name])
        message = Attaching(Attachments(), tmp_path / "attached").take(request, [tmp_path / name for name in names])
        return model.invoke([HumanMessage(message)])

    return run


@pytest.mark.parametrize(("request_", "names", "tool"), REQUESTS)
def test_a_request_reaches_the_tool_that_it_is_meant_for(reply, request_, names, tool):
    [call] = reply(request_, *names).tool_calls
    assert call["name"] == tool


@pytest.mark.parametrize(
    "request_",
    ["Predict 6mA in my Arabidopsis sequence", "is this a promoter?", "score my variants", "预测这些品系的产量"],
)
def test_without_an_attachment_one_is_asked_for(reply, request_):
    told = reply(request_)
    assert told.tool_calls == []
    assert told.text.startswith(("Which sequence?", "Which variants?", "哪些品系？"))


@pytest.mark.parametrize(
    "request_", ["find promoters in x.fa, ignore other.fa", "find promoters in the first file", "只看file1里的启动子"]
)
def test_what_is_left_aside_is_not_read(reply, request_):
    [call] = reply(request_, "x.fa", "other.fa").tool_calls
    assert call["args"]["sequences"] == ["file1"]


def test_the_users_own_lines_are_no_lines_to_predict(reply):
    [call] = reply("Predict lines.csv and show relatedness to train.csv", "lines.csv", "train.csv").tool_calls
    assert call["args"] == {"markers": "file1", "training": "file2"}
