"""What is kept of a turn's events."""

from agent.events import ToolCall, ToolResult
from agent.record import Record


def test_tools_that_run_side_by_side_are_told_in_the_order_of_their_calls():
    record = Record()
    for name in ("slow", "quick"):
        record.take(ToolCall(id=name, name=name, arguments={"of": name}))
    for name in ("quick", "slow"):
        record.take(ToolResult(id=name, name=name, seconds=0.1, result={}))
    tools = record.answer("conversation").tools
    called = [(tool["name"], tool["arguments"]) for tool in tools]
    assert called == [("slow", {"of": "slow"}), ("quick", {"of": "quick"})]
