"""Requests find the tool that they are meant for, by the examples that tools declare."""

import pytest
from langchain_core.tools import tool

from agent.embedded.router import Router
from agent.tools import LITERATURE
from agent.tools.declaration import Declaration, Request, declare
from corpora import glossary

SEARCH = [
    "Which genes are hypermethylated in gastric cancer?",
    "Is MGMT promoter methylation predictive of temozolomide response?",
    "BRCA1 methylation ovarian cancer",
    "How does MeCP2 find methylated DNA?",
    "what is known about epigenetic clocks and mortality",
    "Are there plasma markers for lung cancer?",
    "Does decitabine reactivate p16?",
    "Can DNA language models predict promoters?",
    "What is the capital of France?",
    "胃癌中哪些基因发生高甲基化？",
    "MGMT甲基化与替莫唑胺疗效的关系",
    "表观遗传时钟能预测死亡率吗",
    "有没有可以检测肺癌的血浆标志物",
    "p16 沉默 肝癌",
    "氮气的沸点是多少？",
    "法国的首都是哪里",
]
FIND = [
    "Find the paper with PMID 15334633",
    "do you have 10.1002/cncr.29990?",
    'Is "Methylation of the RASSF1A gene in human cancers" in my library?',
    "In which journal did PMID 12222680 appear?",
    "look up pmid:11797395",
    "查一下 PMID 15334633",
    "库里有《Methylation of the RASSF1A gene in human cancers》这篇吗？",
    "10.1002/cncr.29990 是哪年发表的？",
]
READ = [
    "Summarise PMID 24088737",
    "summary of 10.1002/cncr.29990 please",
    "What are the key results of PMID 15334633?",
    "How many samples did they analyse in PMID 12222680?",
    "What does the paper 'Methylation of the RASSF1A gene in human cancers' conclude?",
    "请总结一下 PMID 24088737",
    "PMID 15334633 用了什么方法？",
    "10.1002/cncr.29990 这篇的主要结果是什么",
]
NONE = [
    "could you write an R script for a volcano plot",
    "translate my abstract into German",
    "prepare a poster for my conference",
    "buy me a coffee",
    "替我给导师发封邮件",
    "帮我把摘要翻成德语",
    "hi",
    "thanks a lot!",
    "what are you able to do?",
    "write me a love poem",
    "你好呀",
    "多谢",
    "你会做什么",
    "帮我写个爬虫程序",
]
REQUESTS = [
    *((text, "search_literature") for text in SEARCH),
    *((text, "find_paper") for text in FIND),
    *((text, "read_paper") for text in READ),
    *((text, None) for text in NONE),
]


@pytest.fixture(scope="module")
def router(embedder) -> Router:
    return Router(embedder)


def request_of(text: str, **more) -> Request:
    return Request(text, glossary.translate(text).english, **more)


@pytest.mark.parametrize(("text", "expected"), REQUESTS)
def test_a_request_goes_to_the_tool_that_it_is_meant_for(router, text, expected):
    chosen = router.choose(request_of(text), LITERATURE)
    assert (chosen[0].name if chosen else None) == expected


def test_an_invented_tool_is_called_with_its_arguments_by_its_examples_alone(router):
    @tool
    def order_primers(sequence: str, copies: int = 1) -> str:
        """Order primers for a sequence from the workshop."""
        return f"{copies} x {sequence}"

    declared = declare(
        order_primers,
        Declaration(
            examples=("Order primers for seq1", "Please have 3 primers made for this sequence", "为 seq1 订购引物"),
            readers={
                "sequence": lambda request: next(
                    (word for word in request.text.split() if word.startswith("seq")), None
                ),
                "copies": lambda request: next((int(word) for word in request.text.split() if word.isdigit()), None),
            },
        ),
    )
    chosen = router.choose(request_of("could you order 4 primers for seq7 please"), [*LITERATURE, declared])
    assert chosen is not None
    assert (chosen[0].name, chosen[1]) == ("order_primers", {"sequence": "seq7", "copies": 4})


def test_a_tool_whose_required_argument_is_not_in_the_request_is_not_called(router):
    chosen = router.choose(request_of("What were their controls?"), LITERATURE)
    assert chosen is None or chosen[0].name != "read_paper"


def test_a_question_about_the_paper_just_cited_reads_that_paper(router):
    chosen = router.choose(
        request_of("What were their controls?", cited=("P4",), before="Find PMID 12222680"), LITERATURE
    )
    assert chosen is not None
    assert (chosen[0].name, chosen[1]["paper"]) == ("read_paper", "P4")


def test_a_tool_that_declares_nothing_is_never_called(router):
    @tool
    def bare(query: str) -> str:
        """Search the libraries."""
        return query

    assert router.choose(request_of("search the libraries for p53"), [bare]) is None
