"""The text tagger: entities and methylation events in papers, with exact character spans."""
