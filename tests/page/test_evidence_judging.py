"""A verdict on a row: the controls that give it and what is made of a correction."""

import re

import pytest

from page import words
from page.judging import corrected, judging
from page.outcome import Refused
from retrieval.evidence_row import Correction
from tests.page.conftest import make_row

UNCHANGED = {"gene": "BNC1", "status": "methylated", "disease": "pancreatic cancer", "sample": "tumour"}


def test_only_what_is_changed_is_a_correction():
    assert corrected(make_row(), {**UNCHANGED, "gene": " ADAMTS1 "}) == Correction(gene="ADAMTS1")
    changed = {"gene": "p16", "status": "unmethylated", "disease": "gastric cancer", "sample": "blood"}
    assert corrected(make_row(), changed) == Correction("p16", "unmethylated", "gastric cancer", "blood")


@pytest.mark.parametrize("disease", ["pancreatic cancer", "胰腺癌"])
def test_a_form_that_changes_nothing_is_none(disease):
    refused = corrected(make_row(), {**UNCHANGED, "disease": disease})
    assert isinstance(refused, Refused)
    assert refused.phrase is words.NO_CORRECTION


def test_a_disease_is_taken_by_any_name():
    assert corrected(make_row(), {**UNCHANGED, "disease": "胃癌"}) == Correction(disease="gastric cancer")
    assert corrected(make_row(), {**UNCHANGED, "disease": "stomach carcinoma"}) == Correction(disease="gastric cancer")


def test_a_disease_that_the_tree_does_not_have_is_taken_as_it_is_written():
    assert corrected(make_row(), {**UNCHANGED, "disease": "some sarcoid"}) == Correction(disease="some sarcoid")
    row = make_row(disease=None, disease_text="some sarcoid")
    assert isinstance(corrected(row, {**UNCHANGED, "disease": "some sarcoid"}), Refused)


def test_a_field_that_is_emptied_says_that_there_is_none():
    emptied = {**UNCHANGED, "disease": " ", "sample": ""}
    assert corrected(make_row(), emptied) == Correction(disease="none", sample="none")
    bare = make_row(disease=None, disease_text=None, sample=None)
    assert isinstance(corrected(bare, emptied), Refused), "there was none before"
    assert '<option value="">' in judging(make_row(), "en")


def test_a_second_correction_says_the_first_one_again_as_it_takes_its_place():
    row = make_row(gene="ADAMTS1", verdict="corrected")
    both = corrected(row, {**UNCHANGED, "gene": "ADAMTS1", "status": "unmethylated"})
    assert both == Correction("ADAMTS1", "unmethylated", "pancreatic cancer", "tumour")


@pytest.mark.parametrize("gene", ["", "  ", "x" * 101, None])
def test_a_row_without_a_gene_is_refused(gene):
    refused = corrected(make_row(), {**UNCHANGED, "gene": gene})
    assert isinstance(refused, Refused)
    assert refused.phrase is words.NO_GENE


def test_what_no_form_offers_changes_nothing():
    forged = {**UNCHANGED, "status": "<b>", "sample": "moon"}
    assert isinstance(corrected(make_row(), forged), Refused)


def test_the_form_is_filled_in_with_the_row_as_it_is():
    shown = judging(make_row(), "zh")
    assert 'name="gene" value="BNC1"' in shown
    assert 'name="disease" value="胰腺癌"' in shown
    assert '<option value="methylated" selected>' in shown
    assert '<option value="tumour" selected>' in shown


def test_a_row_that_is_judged_says_so_and_can_be_taken_back():
    assert 'name="back"' not in judging(make_row(), "en")
    judged = judging(make_row(verdict="rejected"), "en")
    assert 'name="back"' in judged
    assert re.search(r'name="reject" aria-pressed="true"', judged)
    assert re.search(r'name="accept" aria-pressed="false"', judged)
