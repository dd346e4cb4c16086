"""Data that sequence models train on: readers, splits that do not leak, and an audit before training.

Everything is plain: frozen dataclasses, tuples of strings and numpy arrays, no torch. Import names from the modules.
Rows keep the order of their file; splits are arrays of row numbers, so that one `Split` serves any container.
Every error is an `errors.DataError` (a `seqmodels.errors.ModelError`): file, line, what was found, the way out.

Containers, each with `len()` and `.take(rows)` (the same kind with these rows):

- `tables.LabelledSequences(names, sequences, targets, lines, path)`: `sequences` are upper-case DNA strings
  (A C G T N and IUPAC codes; U is read as T); `targets` is a `tables.Targets` or None.
- `tables.Targets(kind, columns, classes, values)`:
  kind "classes": `values` int64 (n,), indices into `classes`; -100 where missing and kept;
  kind "flags" (several yes/no columns): float32 (n, columns) of 0 and 1, NaN missing;
  kind "values" (regression): float32 (n, columns), NaN missing.
- `annotations.LabelledBases(names, sequences, labels, classes)`: `labels[i]` int16 (bases of sequence i,), -100
  unknown.
- `conll.TaggedSentences(sentences, classes)`: `sentences[i]` is `Sentence(tokens, tags, document, line)`, tags in IOB2;
  `.indices(i)` int64 class numbers; `.documents` int64 (n,) groups.
- `markers.Markers(lines, markers, dosages, counted)`: `dosages` float32 (lines, markers) of 0/1/2 or 0/1, NaN missing.
- `markers.Phenotypes(lines, traits, values)`: `values` float32 (lines, traits), NaN missing.

Readers:

- `fasta.read_fasta(path, *, unique_names=True, skip_empty=False, keep_case=False)` yields
  `Record(name, description, sequence, line)`; `fasta.parse_fasta(lines)` for pasted text;
  `fasta.write_fasta(path, records)`.
- `fasta.Reference(path)`, a context manager: `.lengths` name -> bases, `.fetch(name, start, end)` from 0, half open.
- `tables.read_labelled(path, *, sequence="sequence", targets=("label",), kind="auto", classes=None, length=None,
  missing="refuse")` (CSV, TSV); give the training file's `classes` when reading its validation file.
- `tables.read_sequences(path)`: DNA without labels, from FASTA or a table. `tables.read_rows(path)`: any table.
- `variants.read_variants(path)` yields `Variant(contig, position, identifier, ref, alts, line)`;
  `variants.check_variant(variant, reference)`; `variants.read_genotypes(path)` -> `Markers`.
- `markers.read_markers(path)` (CSV, TSV, PLINK .raw, HapMap), `markers.read_phenotypes(path)`,
  `markers.join(markers, phenotypes)` -> `Joined(markers, phenotypes, without_phenotype, without_markers)`.
- `conll.read_conll(path, *, token=0, tag=-1, scheme="auto", classes=None)`.
- `annotations.read_labelled_bases(path)` (CSV `sequence,labels`); `annotations.label_bases(fasta, intervals)` (BED,
  GFF3).
- `windows.cut(record, length, stride=None)` yields `Window(name, start, sequence)`.

Strands: `strands.reverse_complement(sequence)`, `strands.canonical(sequence)`.

Groups that must stay on one side of a split, each int64 (n,) of group numbers: `duplicates.exact_groups(sequences)`,
`duplicates.near_groups(sequences)` (either strand), `duplicates.line_groups(dosages)`,
`conll.TaggedSentences.documents`.

Splits: `splits.split(groups, strata=None, validation=0.1, seed=0)` -> `Split(train, validation, seed)`;
`splits.folds(groups, strata=None, k=5, seed=0)` -> one `Split` a fold; `splits.strata_of(targets)` for `strata`.
A training loop takes a container and a `Split`: there is nowhere to put test rows. A test file is a
`splits.TestFile(path)`, which has no rows until `test.open(read, finished)`, where `finished =
splits.FinishedModel.of(weights)` names the written weights that are to be judged.

Audit before training: `audit.audit(train, validation=None, tests={})` for DNA with labels or base labels (`tests` maps
names to `TestFile`s: their sequences are read, their labels never), `audit_lines.audit_lines(joined)`,
`audit_sentences.audit_sentences(train, validation=None)`. Each gives an `audit.Report`: `str(report)` is short and for
people, `.to_json()` the record, `.recommendations` what to do, `.raise_if_unfit()` stops where nothing can be learnt.
"""
