#!/bin/sh
# Writes test/onnx/generated/onnx_pb.ts from onnx.proto (as the Python package `onnx` 1.23 ships it) with protoc-gen-es. The
# generator is no dependency of the workspace: it runs once in a blue moon, from a folder that is thrown away.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true }' > package.json
npm install --silent --no-save @bufbuild/buf@1 @bufbuild/protoc-gen-es@2.17.0
mkdir proto && cp "$here/test/onnx/generated/onnx.proto" proto/
cat > buf.gen.yaml <<YAML
version: v2
inputs:
  - directory: proto
plugins:
  - local: protoc-gen-es
    out: out
    opt: [target=ts, import_extension=js, erasable_syntax=true]
YAML
PATH="$work/node_modules/.bin:$PATH" buf generate
cp out/onnx_pb.ts "$here/test/onnx/generated/onnx_pb.ts"
