"""Which requests lean on the one before."""

import pytest

from agent.embedded.follow_up import is_follow_up


@pytest.mark.parametrize(
    "text",
    [
        "and in blood?",
        "what about urine?",
        "what was the sensitivity?",
        "what were their controls?",
        "How many patients did they include?",
        "Which of these genes is the best?",
        "Does the study report survival?",
        "why?",
        "那在血液中呢？",
        "敏感性是多少？",
        "他们的对照组是什么？",
        "这篇文章的样本量是多少？",
        "还有尿液",
        "样本量是多少？",
        "what is the sample size?",
        "sensitivity",
        "sensitivity and specificity",
        "sample size",
        "in urine",
        "urine",
        "in smokers",
        "only in women",
        "how accurate?",
        "which genes?",
        "特异性",
        "灵敏度和特异性",
        "样本量",
        "尿液",
        "在血液中",
        "准确性如何？",
        "结论是什么？",
    ],
)
def test_a_request_that_says_too_little_alone_leans_on_the_one_before(text):
    assert is_follow_up(text)


@pytest.mark.parametrize(
    "text",
    [
        "Which genes' promoter methylation could detect pancreatic cancer in blood?",
        "Is RASSF1A methylated?",
        "MGMT",
        "What is the boiling point of nitrogen?",
        "Do epigenetic clocks predict mortality?",
        "哪些基因的启动子甲基化可以作为胰腺癌的血液标志物？",
        "MGMT 是什么？",
        "summarise PMID 24088737",
        "What is an epigenetic clock?",
        "什么是表观遗传时钟？",
        "gastric cancer",
        "胃癌",
        "DNA methylation",
        "DNA methylation?",
        "epigenetic clocks",
        "histone acetylation",
        "genomic imprinting",
        "smoking",
        "maternal diet",
        "DNA甲基化",
        "DNA甲基化是什么？",
        "What is blood plasma?",
        "表观遗传时钟",
        "基因组印记",
        "吸烟",
        "年龄推断",
        "转座子",
        "氮气的沸点是多少？",
    ],
)
def test_a_request_that_says_what_it_is_about_stands_alone(text):
    assert not is_follow_up(text)
