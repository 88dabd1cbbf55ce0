# Two commands: `make demo` and `make test`. Every command that runs is printed.

PYTHON ?= python3
BIN := .venv/bin
DEMO := var/helsinki
KEY := var/pseudonym.key
MODEL := ltu-risk
SIGNED := APUALY_ENV=demo APUALY_SIGNING_PASSPHRASE_FILE=var/keys/passphrase

.PHONY: demo test check format pages lock clean

demo: .venv/ready $(KEY)
	$(BIN)/apualy register synth --target-group 4000 --out $(DEMO)/raw
	$(BIN)/apualy register report $(DEMO)/raw
	$(BIN)/apualy register intake --from $(DEMO)/raw --out $(DEMO)/checked
	APUALY_PSEUDONYM_KEY_FILE=$(KEY) $(BIN)/apualy register pseudonymise $(DEMO)/checked $(DEMO)/ltu-risk \
		--purpose ltu-risk --special jobseekers.work_ability_limited "Non-Discrimination Act 1325/2014, section 5"
	$(BIN)/apualy register build $(DEMO)/ltu-risk
	$(BIN)/apualy train $(MODEL)
	$(BIN)/apualy keys demo
	$(BIN)/apualy card fill $(MODEL) --form model_cards/demo/card.toml --as "Demo Data Scientist"
	$(SIGNED) $(BIN)/apualy review submit $(MODEL) --as "Demo Data Scientist" --reason "Trained and documented."
	$(BIN)/apualy card fill $(MODEL) --form model_cards/demo/dialogue.toml --as "Demo Ethics Reviewer"
	$(SIGNED) $(BIN)/apualy review assess $(MODEL) --as "Demo Ethics Reviewer" --reason "Read the card; the dialogue was held."
	$(BIN)/apualy review form $(MODEL) > var/form.toml
	sed -f model_cards/demo/approval.sed var/form.toml > var/approval.toml
	$(SIGNED) $(BIN)/apualy review approve $(MODEL) --as "Demo Service Owner" --form var/approval.toml
	$(BIN)/apualy review log --verify
	APUALY_ENV=demo $(BIN)/apualy serve $(MODEL)

$(KEY): | .venv/ready
	mkdir -p $(@D)
	$(BIN)/apualy register key $@

test: .venv/ready
	$(BIN)/python -m pytest

check: .venv/ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/ready
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# What the declarations of the register say, as pages.
pages: .venv/ready
	$(BIN)/python -m ml.register.schema.pages
	$(BIN)/python -m ml.register.features.table
	$(BIN)/python -m ml.governance.review.diagram
	$(BIN)/python -m ml.governance.published

# Needs uv. The lock names versions and hashes, and no registry's address.
lock:
	uv pip compile --universal --python-version 3.11 --all-extras --generate-hashes --no-emit-index-url \
		--no-header --no-annotate --quiet pyproject.toml --output-file requirements.lock

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("apualy needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
