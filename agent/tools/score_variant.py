"""The tool that scores variants."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Annotated

from langchain.tools import ToolRuntime, tool
from langchain_core.tools import ToolException
from pydantic import Field

from agent.attachments.pasted import Kind
from agent.tools import asked, effects
from agent.tools.arguments import Effect, Mark, PromoterName
from agent.tools.declaration import Declaration, Request, declare
from agent.tools.domains import chosen
from agent.tools.predict_promoter import MODELS, model_asked
from agent.tools.predicted import SHOWN_ROWS, Model, Prediction, file_of, held_out, model_of
from agent.turn import Turn
from agent.wording import Phrase
from seqmodels.predictors.domains import DOMAINS

if TYPE_CHECKING:
    from seqmodels.predictors.variant_sites import SiteModel

_REFERENCES: frozenset[Kind] = asked.HOLD_SEQUENCES - {"table", "protein"}
_VARIANTS: frozenset[Kind] = frozenset({"vcf"})


@tool("score_variant")
def _score_variant(
    variants: Annotated[str, Field(description="Handle of the attached VCF.")],
    runtime: ToolRuntime[Turn],
    reference: Annotated[
        str | None,
        Field(
            description="Handle of the attached reference: a FASTA file or sequence that the positions of the VCF "
            "count in."
        ),
    ] = None,
    effect: Annotated[
        Effect,
        Field(description="What the variants may change: methylation sites (needs mark and species), or promoters."),
    ] = None,
    mark: Annotated[Mark, Field(description="Of methylation: which.")] = None,
    species: Annotated[
        str | None,
        Field(
            description="Of methylation: the species by Latin name, such as Arabidopsis thaliana; "
            "predict_methylation_sites names those with a model."
        ),
    ] = None,
    promoter_model: Annotated[
        PromoterName,
        Field(
            description="Of promoters: core promoters (any kind, 70 bases) or TATA promoters (tata300, 300 bases); "
            "left out, core."
        ),
    ] = None,
) -> str:
    """Predict what variants of an attached VCF do to methylation sites or to promoters, given the reference sequence.

    For requests to score, rank or judge the effect of SNPs, mutations, insertions and deletions. Gives each variant's
    change of probability, the sites that are gained and lost, variants that do not fit the reference, the model's
    held-out score and warnings; a table and a plot are kept for the user. What it gives is a prediction and no
    literature. Leave out what the user does not say: the tool tells what is missing.
    """
    turn = runtime.context
    vcf = turn.attachments.read(variants)
    if vcf.kind != "vcf":
        raise ToolException(f"{vcf.handle} is no VCF. Give variants as VCF, with the line #CHROM POS ID REF ALT.")
    if reference is None:
        raise ToolException(f"Which sequence do the positions of {vcf.handle} count in? Attach its reference as FASTA.")
    effect = effect or ("methylation" if mark or species else "promoter" if promoter_model else None)
    if effect is None:
        raise ToolException("What may the variants change? Name methylation, with a mark and a species, or promoters.")
    sites, model = _promoters(turn, promoter_model) if effect == "promoter" else _methylation(turn, mark, species)
    with effects.opened(turn.attachments.read(reference), vcf) as opened:
        found = effects.scored(vcf, opened, sites)
    return Prediction(
        predicted="variant effects",
        of=(vcf.handle, turn.attachments.read(reference).handle),
        says=(*effects.says(found), *held_out(model)),
        columns=effects.COLUMNS,
        rows=tuple(effects.rows(found, SHOWN_ROWS)),
        total=len(found.done),
        models=(model,),
        files=tuple(file_of(turn.keep(*written)) for written in effects.files(found)),
        plot=turn.keep(*effects.plot(found)).handle if found.done else None,
        notices=tuple(effects.notices(found)),
    ).model_dump_json()


def _methylation(turn: Turn, mark: str | None, species: str | None) -> "tuple[SiteModel, Model]":
    from seqmodels.predictors.variants import methylation_sites

    domains = chosen([mark] if mark else None, [species] if species else None).domains
    if len(domains) > 1:
        marks = " or ".join(domain.mark for domain in domains)
        raise ToolException(f"Which methylation? There are models of {marks} in {domains[0].species}.")
    predictor = turn.predictors.methylation()
    names = [domain.name for domain in DOMAINS]
    return methylation_sites(predictor, domains[0]), model_of(predictor.card, domains[0].name, names)


def _promoters(turn: Turn, name: str | None) -> "tuple[SiteModel, Model]":
    from seqmodels.predictors.variants import promoter_sites

    if name is not None and name not in MODELS:
        raise ToolException(f"There is no promoter model {name}. There are core (70 bases) and tata300 (300 bases).")
    model = MODELS[name or "core"]
    predictor = turn.predictors.promoter(model)
    return promoter_sites(predictor, model), model_of(predictor.card, model)


def _variants(request: Request) -> str | None:
    return _first(request, _VARIANTS)


def _reference(request: Request) -> str | None:
    """The reference that is named, else the only one that was attached before."""
    there = [handle for handle, kind in request.there.items() if kind in _REFERENCES]
    return _first(request, _REFERENCES) or (there[0] if len(there) == 1 else None)


def _first(request: Request, kinds: Collection[Kind]) -> str | None:
    found = asked.handles(request, kinds)
    return found[0] if found else None


_effect = asked.one_of(
    promoter=r"promoter|transcription start|\btss\b|\btata\b|启动子|转录起始",
    methylation=r"methyl|\b6ma\b|\b4mc\b|\b5hmc\b|m6a|甲基|腺嘌呤|6mA|4mC|5hmC",
)


def _of_methylation(request: Request) -> str | None:
    return asked.mark(request) if _effect(request) != "promoter" else None


def _species(request: Request) -> str | None:
    return asked.species_name(request) if _effect(request) != "promoter" else None


def _promoter_model(request: Request) -> str | None:
    return model_asked(request) if _effect(request) == "promoter" else None


score_variant = declare(
    _score_variant,
    Declaration(
        examples=(
            "Score the variants in this VCF for their effect on 6mA in Arabidopsis",
            "How do these mutations change the promoter?",
            "Which of these SNPs create or destroy a methylation site?",
            "Rank the variants by their effect on methylation",
            "Do the variants of this VCF affect promoter activity?",
            "What is the effect of this SNP on 4mC?",
            "Are any methylation sites lost through these mutations?",
            "Effect of the insertions and deletions on the core promoter",
            "Judge the mutations against the reference",
            "Would any of these mutations break a TATA promoter?",
            "variant effect prediction with this reference",
            "这些变异对拟南芥6mA位点有什么影响？",
            "给这个VCF里的变异打分",
            "这些SNP会改变启动子吗？",
            "哪些突变会产生或破坏甲基化位点？",
            "按对甲基化的影响给变异排序",
            "这些插入和缺失对启动子的影响",
            "以这个FASTA为参考，评估这些突变的效应",
        ),
        readers={
            "variants": _variants,
            "reference": _reference,
            "effect": _effect,
            "mark": _of_methylation,
            "species": _species,
            "promoter_model": _promoter_model,
        },
        takes=_VARIANTS,
        beside_them=_REFERENCES,
        asks=Phrase(
            "Which variants? Attach or paste a VCF, and its reference as FASTA.",
            "哪些变异？请上传或粘贴 VCF，并提供其参考序列（FASTA）。",
        ),
    ),
)
