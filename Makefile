# docent: `make help` lists what can be made. On a fresh machine `make run` and `make check` are enough.

VERSION := 0.1.0

# ---- Yours to set, on the command line or in the environment:
#
#     make CC=clang     make SAN=address,undefined check     make PREFIX=/usr DESTDIR=... install
#     WERROR=1 makes warnings errors, as CI=true does; V=1 shows whole commands.

PREFIX   ?= /usr/local
HARDEN   ?= $(if $(SAN),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2) -fstack-protector-strong
CFLAGS   ?= $(if $(SAN),-O1,-O2) -g $(HARDEN)
WORDLIST ?= $(firstword $(wildcard /usr/share/dict/american-english /usr/share/dict/words))
PACK     ?= intents/careers

# ---- What is here

comma   := ,
B       := build/$(notdir $(lastword $(CC)))$(if $(SAN),-$(subst $(comma),-,$(SAN)))
obj      = $(patsubst %.c,$B/%.o,$(wildcard $1))
base    := $(call obj,src/base/*.c)
core    := $(base) $(call obj,src/engine/*.c src/render/*.c)
edge    := $(filter-out %/main.o,$(call obj,src/net/*.c src/store/*.c src/channel/*.c src/cmd/*.c))
words   := $(patsubst src/engine/words/mkwords.c,$B/gen/wordtable.o,$(wildcard src/engine/words/mkwords.c))
starter := $(wildcard src/cmd/new/*.json src/cmd/new/*.md src/cmd/new/tests/*.talk) intents/pack.schema.json
edge    += $B/gen/starter.o
main    := $B/src/cmd/main.o
net     := $(call obj,src/cmd/net/*.c)
unit    := $(patsubst tests/unit/%.c,$B/%,$(wildcard tests/unit/test_*.c))
fuzz    := $(patsubst tests/fuzz/%.c,$B/%,$(wildcard tests/fuzz/fuzz_*.c))
e2e     := $(wildcard tests/e2e/*.sh)
benches := $(patsubst tests/%.c,$B/%,$(wildcard tests/bench_*.c))
fakes   := $(patsubst tests/fake/%.c,$B/%,$(wildcard tests/fake/fake_*.c))
talks   := $(wildcard tests/talk/*.talk)
packs   := $(patsubst %/pack.json,%,$(wildcard intents/*/pack.json))
c_files  = $(shell find src tests -name '*.[ch]')

# ---- Libraries: config/deps.sh installs what is missing, then writes their flags into a file that is read here.
# make builds that file before anything else, and reads it again. Nothing is installed by `make -n`, help or clean.

goals   := $(or $(notdir $(MAKECMDGOALS)),all)
compile := $(filter-out help clean layers format uninstall,$(goals))
need    := $(if $(filter check check-peers unit e2e talk fuzz fuzz-% test_% fuzz_% fake_%,$(goals)),check,build)
short   := $(filter-out --%,$(firstword -$(MAKEFLAGS)))

ifneq (,$(and $(compile),$(if $(findstring n,$(short)),,yes)))
include $B/deps-$(need).mk
endif

# The folders below are those whose presence calls for more libraries.
$B/deps-%.mk: config/deps.sh $(wildcard src/engine/words src/net src/store tests/fake)
	@CC='$(CC)' WORDLIST='$(WORDLIST)' sh config/deps.sh $* $@

# ---- How to compile

WARN    := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla \
           -Wformat=2 -Wwrite-strings $(if $(filter 1 true,$(WERROR) $(CI)),-Werror)
SANFLAG := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
DEFINES := -D_GNU_SOURCE -DDOCENT_VERSION='"$(VERSION)"' -DDOCENT_PREFIX='"$(PREFIX)"'
ALL     := -std=c17 -pthread -Isrc $(DEFINES) $(WARN) $(subst =fuzzer,=fuzzer-no-link,$(SANFLAG)) $(CPPFLAGS) $(CFLAGS) \
           $(DEPS_CFLAGS)
LINK    := -pthread $(SANFLAG) $(CFLAGS) $(LDFLAGS)

# Says in one line what is being made; on stderr, so that `make run` leaves stdout to docent. Silent under make -s.
say      = $(if $(V),,@$(if $(findstring s,$(short)),,echo '  $1  $@' >&2;))

all: $B/docent                  ## build the program: build/<compiler>/docent, and docent-net beside it

# Two programs, so that asking a question does not wait for the network's libraries to be loaded: docent runs docent-net
# for the commands in src/cmd/net (see src/cmd/elsewhere.c). -lX --as-needed leaves out what a program does not call.
$B/docent: $(main) $B/libedge.a $B/libdocent.a | $B/docent-net
	$(call say,LD )$(CC) $(LINK) -o $@ $(filter %.o %.a,$^) $(DEPS_LIBS)
$B/docent-net: $(main) $(net) $B/libedge.a $B/libdocent.a
	$(call say,LD )$(CC) $(LINK) -o $@ $(filter %.o %.a,$^) $(DEPS_LIBS)

# The folders are there so that a deleted source leaves its archive.
$B/libdocent.a: $(core) $(words) $(wildcard src/base src/engine src/render)
$B/libedge.a: $(edge) $(wildcard src/net src/store src/channel src/cmd)
$B/%.a:
	@mkdir -p $(@D)
	$(call say,AR )rm -f $@; $(AR) rcs $@ $(filter %.o,$^)

$B/%.o: %.c $B/flags
	@mkdir -p $(@D)
	$(call say,CC )$(CC) $(ALL) $(if $(filter tests/%,$<),$(TEST_CFLAGS)) -MMD -MP -c -o $@ $<

# Everything is compiled again when the flags change, for example by another PREFIX.
quoted = '$(subst ','\'',$1)'
$B/flags: FORCE
	@mkdir -p $(@D)
	@echo $(call quoted,$(CC) $(ALL) $(LINK) $(DEPS_LIBS)) | cmp -s - $@ || \
	    echo $(call quoted,$(CC) $(ALL) $(LINK) $(DEPS_LIBS)) > $@

# The English words that docent knows, made into a table by a program that runs while docent is built.
$B/mkwords: $B/src/engine/words/mkwords.o $(base)
	$(call say,LD )$(CC) $(subst =fuzzer,=fuzzer-no-link,$(LINK)) -o $@ $(filter %.o,$^) $(DEPS_LIBS)
$B/gen/wordtable.c: $B/mkwords $(WORDLIST)
	@mkdir -p $(@D)
	$(call say,GEN)$B/mkwords $(WORDLIST) > $@
$B/gen/wordtable.o: $B/gen/wordtable.c
	$(call say,CC )$(CC) $(ALL) -Wno-overlength-strings -MMD -MP -c -o $@ $<

# The pack that `docent new` makes, and the schema of packs: the files as a table of strings.
$B/gen/starter.c: src/cmd/new/embed.sh $(starter)
	@mkdir -p $(@D)
	$(call say,GEN)sh $< src/cmd/new $(starter) > $@
$B/gen/starter.o: $B/gen/starter.c
	$(call say,CC )$(CC) $(ALL) -Wno-overlength-strings -MMD -MP -c -o $@ $<

# ---- Use

run: $B/docent                  ## install what is missing, build, and talk; PACK=DIR for another pack
	@exec $B/docent chat --pack $(PACK)

install: all                    ## program, man page, packs and example config, under $(DESTDIR)$(PREFIX)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/docent $(DESTDIR)$(PREFIX)/share/man/man1
	install -d $(DESTDIR)$(PREFIX)/libexec/docent
	install -m 755 $B/docent $(DESTDIR)$(PREFIX)/bin/docent
	install -m 755 $B/docent-net $(DESTDIR)$(PREFIX)/libexec/docent/docent-net
	$(if $(wildcard src/cmd/docent.1),install -m 644 src/cmd/docent.1 $(DESTDIR)$(PREFIX)/share/man/man1/)
	$(if $(wildcard config/docent.json),install -m 644 config/docent.json $(DESTDIR)$(PREFIX)/share/docent/)
	$(if $(wildcard intents),cp -R intents $(DESTDIR)$(PREFIX)/share/docent/)
	chmod -R u+rwX,go+rX $(DESTDIR)$(PREFIX)/share/docent

uninstall:                      ## take out what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/docent $(DESTDIR)$(PREFIX)/share/man/man1/docent.1
	rm -rf $(DESTDIR)$(PREFIX)/share/docent $(DESTDIR)$(PREFIX)/libexec/docent

# ---- Tests. tests/run runs each argument as a shell command and adds up the `ok` and `not ok` lines that it prints;
# a command that prints none is one test by its exit status.

run_tests   = DOCENT=$B/docent tests/run
unit_tests  = $(unit)
e2e_tests   = $(e2e)
score_tests = $(foreach r,$(reached),'$B/docent test --fail-under $(lastword $(subst :, ,$r)) \
    tests/questions/$(firstword $(subst :, ,$r)).jsonl')
talk_tests  = $(packs:%='$B/docent check --strict %') '$B/docent check --strict' $(talks:%='$B/docent test --tap %') \
    '$B/docent test --coverage --fail-under sections=100,answers=100,patterns=95 tests/talk'
fuzz_tests  = $(foreach f,$(fuzz),'$f tests/fuzz/corpus/$(patsubst fuzz_%,%,$(notdir $f))')

check: $B/docent $(unit) $(fuzz) $B/fit_sure $(fakes)        ## install what is missing, build, and run every test
	@$(run_tests) tests/layers $(unit_tests) $(e2e_tests) $(talk_tests) $(score_tests) $(fuzz_tests)
unit: $(unit)                   ## the unit tests only; one of them: make build/cc/test_buf
	@$(run_tests) $(unit_tests)
e2e: $B/docent $(fakes)         ## the tests of the whole program only
	@$(run_tests) $(e2e_tests)
talk: $B/docent                 ## check the packs and play the conversations of tests/talk
	@$(run_tests) $(talk_tests)
check-peers: $B/docent $(fakes) ## test against Slack's own libraries and others from npm, where that is
	@PEERS=build/peers TEST_SECONDS=600 $(run_tests) tests/peers/run
layers:                         ## includes point only down
	@tests/layers

$B/test_%: $B/tests/unit/test_%.o $B/libfake.a $B/libedge.a $B/libdocent.a
	$(call say,LD )$(CC) $(LINK) -o $@ $(filter %.o %.a,$^) $(DEPS_LIBS) $(TEST_LIBS)

# Programs that play somebody else's platform; what several of them share is not called fake_*.c.
faked := $(patsubst %.c,$B/%.o,$(filter-out tests/fake/fake_%,$(wildcard tests/fake/*.c)))
$B/libfake.a: $(faked) $(wildcard tests/fake)
$B/fake_%: $B/tests/fake/fake_%.o $B/libfake.a $B/libdocent.a
	$(call say,LD )$(CC) $(LINK) -o $@ $(filter %.o %.a,$^) $(DEPS_LIBS) $(TEST_LIBS)

# A fuzz program reads its corpus once (replay.c), or is driven by libFuzzer when SAN has "fuzzer".
replay := $(if $(findstring fuzzer,$(SAN)),,$B/tests/fuzz/replay.o)
$B/fuzz_%: $B/tests/fuzz/fuzz_%.o $(replay) $B/libedge.a $B/libdocent.a
	$(call say,LD )$(CC) $(LINK) -o $@ $(filter %.o %.a,$^) $(DEPS_LIBS)

FUZZ_SECONDS ?= 60
fuzz:                           ## feed every reader of foreign bytes with clang's libFuzzer, FUZZ_SECONDS each
	@$(MAKE) --no-print-directory CC=clang SAN=fuzzer,address,undefined fuzz-all
fuzz-all: $(fuzz:%=%.fuzzed)
%.fuzzed: %
	@mkdir -p $<.corpus
	$< -max_total_time=$(FUZZ_SECONDS) -timeout=5 $(call fuzz_dict,$(notdir $<)) -artifact_prefix=$<- $<.corpus \
	    $(wildcard tests/fuzz/corpus/$(patsubst fuzz_%,%,$(notdir $<)))
fuzz_dict = $(patsubst %,-dict=%,$(wildcard tests/fuzz/$(patsubst fuzz_%,%.dict,$1)))

bench: $B/docent $(benches) $B/fake_slack      ## start-up time, time per question, memory, large packs, HTTP requests a second
	@tests/bench $B/docent $(PACK) $(talks)
	@$B/bench_engine $B/docent $(PACK) $(wildcard tests/questions/*.jsonl)
	@$B/bench_net $B/docent $B/fake_slack
	@$B/bench_discord $(PACK)
$B/bench_%: $B/tests/bench_%.o $B/tests/load.o $B/libedge.a $B/libdocent.a
	$(call say,LD )$(CC) $(LINK) -o $@ $(filter %.o %.a,$^) $(DEPS_LIBS)
-include $(benches:$B/%=$B/tests/%.d) $B/tests/load.d

fit: $B/fit_sure                ## fit the weights of confidence on the question sets (tests/fit_sure.c)
	@$B/fit_sure $(QUESTIONS)
$B/fit_sure: $B/tests/fit_sure.o $B/libedge.a $B/libdocent.a
	$(call say,LD )$(CC) $(LINK) -o $@ $(filter %.o %.a,$^) $(DEPS_LIBS)
-include $B/tests/fit_sure.d

# What the question sets reached, in percent right: less than this fails `make check`.
QUESTIONS ?= $(wildcard tests/questions/*.jsonl)
reached    = dev:97 fresh:95 hard:91 conversation:96 offtopic:99 offtopic2:97 offtopic3:95 people:96 people2:90 \
             people3:89 people4:92 sideways:87 conversation2:85 typing:95 unseen:89

score: $B/docent                ## answers to labelled questions, a table for each set
	@$B/docent test $(QUESTIONS)

lint:                           ## clang-format, clang-tidy, cppcheck: those that are installed
	@status=0; \
	have() { command -v $$1 > /dev/null || { echo "lint: no $$1 here, left out (config/deps.sh lint installs it)" >&2; false; }; }; \
	have clang-format && { clang-format --dry-run -Werror $(c_files) || status=1; }; \
	have clang-tidy && { clang-tidy --quiet $(filter src/%.c,$(c_files)) -- $(ALL) || status=1; }; \
	have cppcheck && { cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
	    --library=config/cppcheck.cfg --error-exitcode=1 -Isrc src || status=1; }; \
	exit $$status

format:                         ## lay the C files out as .clang-format says
	clang-format -i $(c_files)

clean:                          ## remove everything that was built
	rm -rf build

help:                           ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

FORCE:
.PHONY: all run install uninstall check check-peers unit e2e talk layers fuzz fuzz-all bench score fit lint format clean help FORCE
.SECONDARY:
.DELETE_ON_ERROR:
-include $(patsubst %.o,%.d,$(core) $(edge) $(words) $(main) $(net) $B/src/engine/words/mkwords.o \
           $(unit:$B/%=$B/tests/unit/%.o) $(fuzz:$B/%=$B/tests/fuzz/%.o) $(fakes:$B/%=$B/tests/fake/%.o) $(faked))
