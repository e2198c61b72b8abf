#!/usr/bin/env bash
# Builds the gRPC peers of other languages, whose libraries come from the registries of their languages.
set -euo pipefail
cd "$(dirname "$0")"

go_peer() { (cd go && go build -o build/peer .); }

python_peer() {
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore --upgrade \
    --target python/build -r python/requirements.txt
}

java_peer() {
  mvn -q -B -f java/pom.xml dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=build/lib
  javac -encoding UTF-8 -cp 'java/build/lib/*' -d java/build/classes java/*.java
}

# Most of the time is spent waiting for downloads.
go_peer & go=$!
python_peer & python=$!
java_peer & java=$!
status=0
for job in "$go" "$python" "$java"; do wait "$job" || status=1; done
exit "$status"
