"""What the agent can do, one module a tool."""

from langchain_core.tools import BaseTool

from agent.tools.embed_sequence import embed_sequence
from agent.tools.extract_methylation import extract_methylation
from agent.tools.find_paper import find_paper
from agent.tools.predict_methylation_sites import predict_methylation_sites
from agent.tools.predict_phenotype import predict_phenotype
from agent.tools.predict_promoter import predict_promoter
from agent.tools.query_evidence import query_evidence
from agent.tools.read_paper import read_paper
from agent.tools.score_variant import score_variant
from agent.tools.search_literature import search_literature

LITERATURE: tuple[BaseTool, ...] = (search_literature, find_paper, read_paper)
EVIDENCE: tuple[BaseTool, ...] = (query_evidence, extract_methylation)
PREDICTION: tuple[BaseTool, ...] = (
    predict_methylation_sites,
    predict_promoter,
    predict_phenotype,
    score_variant,
    embed_sequence,
)
TOOLS: tuple[BaseTool, ...] = (*EVIDENCE, *LITERATURE, *PREDICTION)
