"""The heat map as an HTML table whose every cell is a button: no script, no picture, legible to a screen reader."""

from html import escape

from page import words
from page.heat_map import Cell, HeatMap, Tally
from page.naming import disease_name
from page.paper import lang
from page.words import Language


def drawing(heat: HeatMap, opened: Cell | None, language: Language) -> str:
    """The map with its legend, and what it leaves out; nothing where no row names a disease."""
    if not heat.cells:
        return ""
    names = {disease: disease_name(disease, language) for disease in heat.diseases}
    heads = "".join(f'<th scope="col"><span{lang(name)}>{escape(name)}</span></th>' for name in names.values())
    lines = "".join(_line(heat, gene, names, opened, language) for gene in heat.genes)
    caption = escape(words.HEAT_MAP.say(language))
    table = (
        f'<table class="heat"><caption class="unseen">{caption}</caption>'
        f"<thead><tr><td></td>{heads}</tr></thead><tbody>{lines}</tbody></table>"
    )
    return (
        f"<h2>{caption}</h2><p>{escape(words.HEAT_MAP_HELP.say(language))}</p>{_legend(language)}"
        f'<div class="frame" tabindex="0" role="region" aria-label="{caption}">{table}</div>{_left_out(heat, language)}'
    )


def _line(heat: HeatMap, gene: str, names: dict[str, str], opened: Cell | None, language: Language) -> str:
    cells = []
    for disease, name in names.items():
        cell = Cell(gene, disease)
        tally = heat.cells.get(cell)
        cells.append(f"<td>{_button(cell, name, tally, cell == opened, language) if tally else ''}</td>")
    return f'<tr><th scope="row">{escape(gene)}</th>{"".join(cells)}</tr>'


def _button(cell: Cell, disease: str, tally: Tally, is_open: bool, language: Language) -> str:
    label = escape(words.HEAT_CELL.say(language, gene=cell.gene, disease=disease, **_told(tally, language)))
    detail = f"<small>{tally.more}+ {tally.less}−</small>" if tally.disagree else ""
    balance = f' style="--balance: {tally.balance:.0%}"' if tally.balance is not None else ""
    manner = "unsigned" if tally.balance is None else "disagree" if tally.disagree else "agree"
    return (
        f'<button type="button" name="cell" class="{manner}"{balance} aria-pressed="{str(is_open).lower()}"'
        f' data-gene="{escape(cell.gene)}" data-disease="{escape(cell.disease)}" title="{label}"'
        f' aria-label="{label}">{tally.papers}{detail}</button>'
    )


def _told(tally: Tally, language: Language) -> dict[str, object]:
    if tally.balance is None:
        return {"papers": tally.papers, "told": words.HEAT_NO_SIGN.say(language)}
    told = words.HEAT_TOLD.say(language, more=tally.more, less=tally.less)
    if tally.disagree:
        told += f"; {words.HEAT_DISAGREE.say(language)}"
    return {"papers": tally.papers, "told": told}


def _legend(language: Language) -> str:
    keys = (
        ("agree", ' style="--balance: 100%"', words.HEAT_MORE),
        ("agree", ' style="--balance: 0%"', words.HEAT_LESS),
        ("disagree", ' style="--balance: 50%"', words.HEAT_DISAGREE),
        ("unsigned", "", words.HEAT_NO_SIGN),
    )
    items = (f'<li><i class="{kind}"{style}></i>{escape(phrase.say(language))}</li>' for kind, style, phrase in keys)
    return f'<ul class="legend">{"".join(items)}</ul>'


def _left_out(heat: HeatMap, language: Language) -> str:
    told = []
    if heat.more_genes or heat.more_diseases:
        counts = {"genes": heat.more_genes, "diseases": heat.more_diseases}
        told.append(words.HEAT_LEFT_OUT.say(language, **counts))
    if heat.without_disease:
        told.append(words.HEAT_NO_DISEASE.say(language, rows=heat.without_disease))
    return f'<p class="left-out">{escape(" ".join(told))}</p>' if told else ""
