# make run            sets everything up and opens the page on this machine; PORT=8000 for another port
# make test           sets everything up and runs lint, types and tests
# make test-long      kills, soak, many series: at most 40 minutes on two cores
# make soak           of these, what a record has to stand: 1,000 changed bytes and 200 kills
# make test-training  the tests of the training code; installs PyTorch

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

# The tests of a file stay in one process; two processes are the least that fills two cores.
PARALLEL := --numprocesses auto --maxprocesses 8 --dist loadfile

.PHONY: run test test-long soak test-training lock samples photos calibration translations train train-on clean

run: .venv/ready-to-run
	$(BIN)/python app.py $(if $(PORT),--port $(PORT))

test: .venv/ready-to-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest $(PARALLEL)

.venv/ready-to-run: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed")'
	$(PYTHON) -m venv .venv
	$(PIP) install --require-hashes --no-deps -r requirements.lock
	$(PIP) install --no-build-isolation --no-deps -e .
	touch $@

.venv/ready-to-test: .venv/ready-to-run requirements-test.lock
	$(PIP) install --require-hashes --no-deps -r requirements-test.lock
	touch $@

# The locks hold for every system and Python that has the wheels; they are made with `pip install uv`.
lock:
	uv pip compile pyproject.toml --extra install --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock" -o requirements.lock
	uv pip compile pyproject.toml --extra install --extra test -c requirements.lock --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock" -o requirements-test.lock

test-long: .venv/ready-to-test
	$(BIN)/pytest $(PARALLEL) -m long --timeout 2400

soak: .venv/ready-to-test
	$(BIN)/pytest -m long --timeout 2400 tests/examiner/test_record_holds.py

test-training: .venv/ready-to-test
	$(PIP) install -r models/requirements-train.txt
	$(BIN)/pytest $(PARALLEL) tests/models/training

samples: .venv/ready-to-run
	$(BIN)/python -m models.plates.samples

translations: .venv/ready-to-test
	$(BIN)/python -m examiner.exercises.catalogues

# PHOTOS, STEEL: folders of your own, as for `photos` and `train-on`; both can be left out.
calibration: .venv/ready-to-run
	$(BIN)/python -m models.calibration.fit_calibration $(if $(PHOTOS),--photos $(PHOTOS)) $(if $(STEEL),--steel $(STEEL))

# PHOTOS: a folder of photographs with an index.csv; see docs/benchmarks.md
photos: .venv/ready-to-run
	$(BIN)/python benchmarks/photos.py $(PHOTOS)

# Needs models/requirements-train.txt and the Debian packages of models/training-fonts.txt; minutes with a GPU and
# PROCESSES=12 to prepare what it sees, hours on two cores; goes on where it was stopped.
# TRAINING: a folder for shards and checkpoints; PHOTOS: labelled photographs, without which none are trained on.
TRAINING ?= training
PROCESSES ?= 0
STEPS ?= 100000
train: .venv/ready-to-run
	$(PIP) install -r models/requirements-train.txt
	$(BIN)/python -m models.training.shards $(TRAINING)/shards --first 2000 --count 110
	$(BIN)/python -m models.training.foreign_strips $(TRAINING)/shards --count 3
	$(if $(PHOTOS),$(BIN)/python -m models.training.photo_strips $(PHOTOS) $(TRAINING)/shards --count 14)
	$(BIN)/python -m models.training.train $(TRAINING)/run --shards $(TRAINING)/shards --processes $(PROCESSES)
	$(BIN)/python -m models.training.export $(TRAINING)/run/checkpoint.pt models/marks.onnx
	$(BIN)/python -m models.training.shards $(TRAINING)/pictures --pictures --count 30
	$(BIN)/python -m models.training.train_rows $(TRAINING)/rows --shards $(TRAINING)/pictures --processes $(PROCESSES)
	cp $(TRAINING)/rows/rows.onnx models/rows.onnx
	$(BIN)/python -m models.evaluation.evaluate
	$(BIN)/python -m models.evaluation.evaluate --unseen-faces

# Goes on from the released weights on far more varied metal; may be stopped at any time with Ctrl-C and goes on when
# called again. STEEL: a folder of photographs of bare steel named KIND_NUMBER.jpg (docs/plates.md). Export when it has run.
train-on: .venv/ready-to-run
	$(PIP) install -r models/requirements-train.txt
	$(BIN)/python -m models.training.shards $(TRAINING)/shards --first 4000 --count 26
	$(BIN)/python -m models.training.foreign_strips $(TRAINING)/shards --count 3
	$(if $(PHOTOS),$(BIN)/python -m models.training.photo_strips $(PHOTOS) $(TRAINING)/shards --count 5)
	$(BIN)/python -m models.training.learning_curve $(TRAINING)/judged --steel $(STEEL) $(if $(PHOTOS),--photos $(PHOTOS))
	$(BIN)/python -m models.training.train $(TRAINING)/further --shards $(TRAINING)/shards --begin models/marks.onnx \
		--drawn 0.5 --steel $(STEEL) --judged $(TRAINING)/judged --constant --rate 4e-4 --photographs 24 --steps $(STEPS) --processes $(PROCESSES)

clean:
	rm -rf .venv dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
