from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora import cancers, genes, glossary
from corpora.glossary import is_chinese, simplified, translate

KINDS = {"cancer", "tissue", "epigenetic", "molecular", "method", "clinical", "organism", "model", "statistics"}


def rows(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (files("corpora") / "data" / name).read_text("utf-8").splitlines()[1:]]


ROWS = rows("glossary.tsv")
TERMS = [row[0] for row in ROWS]
HAN_TERMS = [term for term in TERMS if all(map(is_chinese, term)) and len(term) > 1]
SYMBOLS = ["p16INK4a", "5-mC", "CpG", "HpaII", "hMLH1", "c-myc", "CD4+", "95%", "P<0.05", "10 ng/ml", "5'", "miR-34b/c"]


# the tables


def test_every_row_has_a_term_renderings_and_a_kind():
    assert {len(row) for row in ROWS} == {3}
    assert {kind for _, _, kind in ROWS} == KINDS
    for chinese, english, _ in ROWS:
        assert is_chinese(chinese), chinese
        assert all(rendering == rendering.strip() != "" for rendering in english.split("|")), chinese
        assert not is_chinese(english), chinese


def test_no_term_stands_twice_and_there_are_enough():
    assert len(set(map(str.lower, TERMS))) == len(TERMS) > 900


def test_no_rendering_stands_twice_in_a_row():
    assert [row[0] for row in ROWS if len(set(row[1].split("|"))) < len(row[1].split("|"))] == []


def test_terms_are_written_in_simplified_characters():
    assert [term for term in TERMS if simplified(term) != term] == []


def test_function_words_and_negations_are_no_terms():
    dropped = [word for word, rendering in glossary._renderings().items() if not rendering.kind]
    assert set(dropped) & set(TERMS) == set()
    assert {"的", "和", "在", "是否", "哪些", "什么", "可以", "吗", "如何", "不", "没有"} <= set(dropped)


def test_a_cancer_is_rendered_as_itself_or_a_kind_of_it():
    shared = [(row[0], row[1].split("|")) for row in ROWS if row[0] in cancers.chinese_names()]
    assert [term for term, english in shared if not any(cancers.is_a(rendering, term) for rendering in english)] == []


def test_traditional_characters_are_simplified_one_for_one():
    pairs = rows("traditional.tsv")
    assert all(len(traditional) == len(plain) == 1 for traditional, plain in pairs)
    assert len({traditional for traditional, _ in pairs}) == len(pairs)
    assert {traditional for traditional, _ in pairs} & {plain for _, plain in pairs} == set()


# whole questions


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("胰腺癌患者血浆中哪些基因发生高甲基化？", "pancreatic cancer patients plasma genes hypermethylation"),
        ("MGMT甲基化能否预测胶质母细胞瘤的反应？", "MGMT methylation prediction glioblastoma response"),
        ("hMLH1 的 CpG 岛超甲基化", "hMLH1 CpG island hypermethylation"),
        ("表观遗传年龄加速与全因死亡率有什么关系", "epigenetic age acceleration all-cause mortality relationship"),
        ("非吸烟者肺癌中p16未甲基化", "non-smokers lung cancer p16 unmethylated"),
        ("循环肿瘤DNA甲基化可以用于多癌种早期检测吗", "circulating tumor DNA methylation multi-cancer early detection"),
        ("小麦产量的基因组预测模型", "wheat yield genomic prediction model"),
        ("HyenaDNA 与 DNABERT-2 的分词", "HyenaDNA DNABERT-2 tokenization"),
        ("尿液中TWIST1、OTX1、ONECUT2可否用于膀胱癌诊断", "urine TWIST1 OTX1 ONECUT2 bladder cancer diagnosis"),
        ("Wnt/β-连环蛋白信号通路", "Wnt beta-catenin signaling pathway"),
        ("5-氮杂-2’-脱氧胞苷处理T24细胞", "5-aza-2'-deoxycytidine treatment T24 cells"),
        ("啟動子高甲基化與癌症", "promoter hypermethylation cancer"),
        ("胰臟癌患者的血液裡可以檢測到哪些基因？", "pancreatic cancer patients blood detected genes"),
    ],
)  # fmt: skip
def test_a_question_becomes_the_words_of_abstracts(chinese, english):
    assert translate(chinese).english == english
    assert translate(chinese).missed == ()


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("未甲基化", "unmethylated"),
        ("没有甲基化", "unmethylated"),
        ("不表达", "not expressed"),
        ("RASSF1A不是印记基因", "RASSF1A not imprinted genes"),
        ("没有复发", "no recurrence"),
        ("无转移", "no metastasis"),
        ("未检测到p16突变", "not detected p16 mutation"),
        ("非p16依赖", "non-p16 dependent"),
        ("无显著差异", "no significant difference"),
        ("有没有甲基化", "methylation"),
        ("是不是癌基因", "oncogene"),
    ],
)
def test_negation_is_rendered_and_a_question_form_is_none(chinese, english):
    assert translate(chinese).english == english


def test_negations_pass_with_the_symbols_in_order():
    assert translate("p16没有突变，KRAS不沉默").passed == ("p16", "KRAS", "not")
    assert translate("非p16").passed == ("non-", "p16")


def test_a_term_carries_its_renderings_span_and_kind():
    (sensitivity,) = translate("SEPT9的灵敏度？").terms
    assert sensitivity == glossary.Term("灵敏度", ("sensitivity",), 6, 9, "statistics")
    (cancer,) = translate("胰腺导管腺癌").terms
    assert (cancer.kind, cancer.english[:2]) == ("cancer", ("pancreatic ductal adenocarcinoma", "PDAC"))
    assert {"DNMT1", "DNA methyltransferase 1"} <= set(translate("DNA甲基转移酶1").terms[0].english)


@pytest.mark.parametrize(
    "term", ["甲基化特异性PCR", "启动子高甲基化", "非小细胞肺癌", "CpG岛甲基化表型", "X染色体失活", "N6-甲基腺嘌呤"]
)
def test_the_longest_match_wins(term):
    assert [found.chinese for found in translate(f"用{term}的").terms] == [term]


def test_a_term_never_cuts_a_symbol():
    assert translate("15-甲基胞嘧啶").passed[0].startswith("15")
    assert translate("甲基化特异性PCRx").passed == ("PCRx",)


def test_brackets_and_full_width_signs_are_made_plain():
    assert translate("（INK4A）在９５％样本").english == "INK4A 95% samples"
    assert translate("基因 (p16(INK4a)) 沉默").passed == ("p16(INK4a)",)


def test_unknown_chinese_is_told_and_not_in_the_english():
    translation = translate("魑魅魍魉甲基化")
    assert translation.missed == ("魑魅魍魉",)
    assert translation.english == "methylation"


@pytest.mark.parametrize("text", ["", "DNA methylation of p16", "  spaced\ttext ", "β-catenin, 5-mC!"])
def test_text_without_han_is_left_alone(text):
    translation = translate(text)
    assert (translation.english, translation.terms, translation.missed) == (text, (), ())


def test_han_is_what_makes_a_text_chinese():
    assert is_chinese("p16基因")
    assert not is_chinese("β-catenin 、，。")


def test_every_chinese_name_of_a_gene_or_cancer_is_a_term():
    for name in (*genes.chinese_names(), *cancers.chinese_names()):
        assert [term.chinese for term in translate(name).terms] == [name]


def test_a_term_that_ends_in_a_letter_takes_none_from_a_symbol():
    assert translate("维生素c-myc肝癌").english == "vitamin c-myc hepatocellular carcinoma"
    assert translate("维生素C-依赖").english.startswith("vitamin C")


# laws


def test_a_term_alone_is_that_one_term():
    alone = {term: translate(term) for term in TERMS}
    assert [term for term, one in alone.items() if [found.chinese for found in one.terms] != [term]] == []
    assert [term for term, one in alone.items() if one.english != one.terms[0].english[0]] == []


@given(st.lists(st.tuples(st.sampled_from(SYMBOLS), st.sampled_from(HAN_TERMS)), min_size=1, max_size=6))
def test_symbols_between_terms_survive_in_order(pairs):
    english = translate("".join(symbol + term for symbol, term in pairs)).english
    place = 0
    for symbol, _ in pairs:
        place = english.index(symbol, place) + len(symbol)


@given(st.lists(st.sampled_from(SYMBOLS), min_size=1, max_size=6), st.sampled_from(["的", "、", "和", "，而"]))
def test_symbols_between_words_without_meaning_pass_untouched(symbols, word):
    assert list(translate(word.join(symbols) + "吗").passed) == symbols


@given(st.text(alphabet=st.sampled_from("甲基化未超岛癌不的膵 p16-5mC，。()啟動子臟9％"), max_size=40))
def test_spans_slice_back_to_the_term(text):
    end = 0
    for term in translate(text).terms:
        assert end <= term.start < term.end
        assert "".join(simplified(text)[term.start : term.end].split()) == term.chinese
        assert all(term.english)
        end = term.end


@given(st.text(max_size=80))
def test_simplifying_keeps_every_place(text):
    assert len(simplified(text)) == len(text)


@given(st.text(max_size=80))
def test_any_text_is_translated_without_chinese_left(text):
    translation = translate(text)
    assert not is_chinese(translation.english)
    assert is_chinese(text) or translation.english == text
