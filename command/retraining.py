"""`epicite evidence --retrain`, `--use` and `--undo`: a tagger taught by verdicts, swapped in and out."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from command.errors import InputError
from command.output import say, warn
from command.settings import Settings
from retrieval.library import Library

if TYPE_CHECKING:
    from finetune.verdicts import Gathered
    from seqmodels.tagger.retraining import Compared, Lesson

_WORSE = "It does worse on the folds than without the verdicts."


def retrain_tagger(settings: Settings, libraries: Sequence[Library]) -> int:
    """Teach a candidate by the verdicts of libraries, and say what it does; the tagger in use stays."""
    from finetune.tagger_swap import CANDIDATE
    from finetune.verdicts import gather_verdicts
    from retrieval.paper_tagger import find_tagger
    from seqmodels.tagger.held_out import read_held_out
    from seqmodels.tagger.retraining import retrain, save_retrained
    from seqmodels.train.saved import folder_of

    _refuse_named(settings)
    tagger = find_tagger(settings.home)
    if tagger is None:
        raise InputError("No tagger is installed, so there is none to teach. Install Epicite again.")
    folder = Path(folder_of(str(tagger.folder)))
    held_out = read_held_out(folder)
    gathered = gather_verdicts(libraries, tagger)
    _tell_left_out(gathered)
    retrained = retrain(held_out, gathered.papers)
    settings.home.mkdir(parents=True, exist_ok=True)
    save_retrained(folder, settings.home / CANDIDATE, retrained, f"{datetime.now(UTC):%Y-%m-%d}")
    _report(retrained.lesson)
    return 0


def use_retrained(settings: Settings) -> int:
    """Read papers with the candidate from now on; what was in use is kept."""
    from finetune.tagger_swap import use_candidate
    from retrieval.paper_tagger import HOME_FOLDER
    from seqmodels.tagger.retraining import lesson_of

    _refuse_named(settings)
    use_candidate(settings.home)
    lesson = lesson_of(settings.home / HOME_FOLDER)
    if lesson is not None and lesson.is_worse:
        warn(_WORSE)
    say("The new tagger is in use: papers are read again. `epicite evidence --undo` brings back the one before.")
    return 0


def undo_use(settings: Settings) -> int:
    """Read papers with the tagger of before again."""
    from finetune import tagger_swap

    is_own = tagger_swap.undo_use(settings.home)
    which = "The tagger of before" if is_own else "The tagger that comes with the package"
    say(f"{which} is in use again: papers are read again. `epicite evidence --use` takes the other.")
    return 0


def _refuse_named(settings: Settings) -> None:
    if settings.tagger is not None:
        raise InputError(
            f"The settings name the tagger {settings.tagger}, which would be read whatever is learnt. "
            "Take `tagger` out of the settings (EPICITE_TAGGER, or the settings file)."
        )


def _tell_left_out(gathered: "Gathered") -> None:
    if gathered.unmatched:
        warn(
            f"{gathered.unmatched} of {gathered.verdicts} verdicts teach nothing: their papers are gone, or the tagger "
            "does not look there, as in the rows of digests."
        )
    if gathered.contradicting:
        warn(f"{gathered.contradicting} of {gathered.verdicts} verdicts contradict others and teach nothing.")


def _report(lesson: "Lesson") -> None:
    wrong = lesson.pairs - lesson.right
    say(
        f"learnt from {lesson.pairs} judged pairs ({lesson.right} right, {wrong} wrong) of {lesson.papers} papers, "
        f"each counted {lesson.times} times"
    )
    if lesson.locked:
        say(f"{lesson.locked} judged papers were left out: the folds have them, and are never learnt from")
    say(f"F1 on the locked folds ({lesson.abstracts} abstracts), with 95 % intervals:")
    say(f"{'':12} {'without verdicts':21}  {'with them':21}  difference")
    for each in lesson.measures:
        say(_line(each))
    say(
        f"told as you judged: {lesson.agreed_before} of {lesson.pairs} pairs without the verdicts, "
        f"{lesson.agreed_after} with those of other papers"
    )
    told = f"{_WORSE} `epicite evidence --use` takes it" if lesson.is_worse else "`epicite evidence --use` takes it"
    say(f"Nothing has been changed yet. {told}{' all the same.' if lesson.is_worse else '.'}")


def _line(each: "Compared") -> str:
    before = f"{each.before:.1f} ({each.before_low:.1f} to {each.before_high:.1f})"
    after = f"{each.after:.1f} ({each.after_low:.1f} to {each.after_high:.1f})"
    rise = f"{each.after - each.before:+.1f} ({each.low:+.1f} to {each.high:+.1f})"
    return f"{each.measure:12} {before:21}  {after:21}  {rise}"
