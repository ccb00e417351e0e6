#include <array>

#include "manifest/beside.h"

using namespace wanspool;
using reading::Desk;

// The smallest manifest that provokes each complaint which no other test pins down to the letter.

TEST_SUITE_BEGIN("manifest");

namespace {

struct Case {
  char const* manifest;
  char const* complaints;
};

constexpr std::array kCases = std::to_array<Case>({
    {"manifest: 1\n"
     "? [a]\n"
     ": x\n"
     "jobs: [ { id: a, model: wan2.6-t2i, prompt: x } ]\n",
     "m.yaml:2:3: error: a key is a plain word, not nothing, a list or a map\n"},
    {"manifest: 1\n"
     "name: a: b\n",
     "m.yaml:2:8: error: a ':' stands where no key can be; put a text that holds ': ' into quotes\n"},
    {"manifest: 1\n"
     "name: [a] ? b\n",
     "m.yaml:2:7: error: name wants a text, not a list\n"
     "m.yaml:2:11: error: a '?' stands where no key can be; put the text into quotes\n"},
    {"manifest: 1\n"
     "name: - a\n",
     "m.yaml:2:7: error: a '-' stands where no list can be; check the indentation, or use quotes\n"},
    {"manifest: 1\n"
     "name: [ a\n",
     "m.yaml:3:1: error: a '[' is not closed, or something in it wants quotes\n"},
    {"manifest: 1\n"
     "name: { a ? b : c }\n",
     "m.yaml:2:11: error: a '{' is not closed, or something in it wants quotes\n"},
    {"manifest: 1\n"
     "name: a\n"
     "  - b: c\n",
     "m.yaml:3:6: error: a ':' stands where no key can be; put a text that holds ': ' into quotes\n"},
    {"manifest: 1\n"
     "jobs:\n"
     "  - a\n"
     "  b: c\n",
     "m.yaml:4:3: error: this does not fit the map above it; check indentation, quotes and commas\n"},
    {"manifest: 1\n"
     "name: ]\n",
     "m.yaml:2:7: error: a ']' or '}' was never opened\n"},
    {"manifest: 1\n"
     "jobs: [ { id: a, prompt: { file: a ]\n",
     "m.yaml:2:36: error: a ']' or '}' was never opened\n"},
    {"manifest: 1\n"
     "jobs:\n"
     "  - id: a\n"
     " prompt: x\n",
     "m.yaml:4:2: error: this does not fit the map above it; check indentation, quotes and commas\n"},
    {"manifest: 1\n"
     "jobs:\n"
     "  - id: a\n"
     "    prompt: x\n"
     "   - id: b\n",
     "m.yaml:5:4: error: this does not fit the list above it; check the indentation\n"},
    {"manifest: 1\n"
     "name: \"a\n"
     "---\n"
     "b\"\n",
     "m.yaml:3:1: error: a '---' or '...' stands inside a quoted text\n"},
    {"manifest: 1\n"
     "name: a\n"
     "\tpriority: low\n",
     "m.yaml:3:1: error: a tab in the indentation; use spaces\n"},
    {"manifest: 1\n"
     "name: @a\n",
     "m.yaml:2:7: error: a text cannot begin with this character; put it into quotes\n"},
    {"manifest: 1\n"
     "name: \"a\\ud83d\"\n",
     "m.yaml:2:15: error: this \\u… is half of a character; its other half must follow it at once\n"},
    {"manifest: 1\n"
     "name: \"a\\qb\"\n",
     "m.yaml:2:11: error: this '\\' begins no escape that YAML knows; write '\\\\', or use single quotes\n"},
    {"manifest: 1\n"
     "name: *nobody\n",
     "m.yaml:2:7: error: no anchor of this name stands before this alias\n"},
    {"manifest: 1\n"
     "name: | x\n"
     "jobs: [ { id: a, model: wan2.6-t2i, prompt: x } ]\n",
     "m.yaml:2:9: error: after '|' or '>' the line must end\n"},
    {"manifest: 1\n"
     "name: &a\n"
     "  b: *a\n"
     "jobs: [ { id: a, model: wan2.6-t2i, prompt: x } ]\n",
     "m.yaml:3:6: error: an alias cannot stand for something that holds it, nor for the list of all jobs\n"},
    {"{ \"manifest\": 1, \"jobs\": [ { \"id\": \"a\" } ] } x\n",
     "m.yaml:1:46: error: this does not fit the map above it; check indentation, quotes and commas\n"},
    {"manifest: 1\n"
     "jobs: [ { id: a }, { id: b }\n",
     "m.yaml:2:9: error: this job has no 'prompt'\n"
     "m.yaml:2:9: error: wan2.6-image in edit mode needs a picture in 'images'; set "
     "parameters.enable_interleave: true, or use model wan2.6-t2i for a picture from words alone\n"
     "m.yaml:3:1: error: a '[' is not closed, or something in it wants quotes\n"},
    {"manifest: 1\n"
     "overrides: [ a ]\n"
     "jobs: [ { id: a, model: wan2.6-t2i, prompt: x } ]\n",
     "m.yaml:2:12: error: overrides is a map of names to what is other, not a list\n"},
    {"manifest: 1\n"
     "overrides: { \"/\": { prompt: y } }\n"
     "jobs: [ { id: a, model: wan2.6-t2i, prompt: x } ]\n",
     "m.yaml:2:14: error: '/' names no job\n"},
    {"manifest: 1\n"
     "defaults: { id: b, modl: x, model: x, parameters: { nn: 1 } }\n"
     "jobs: [ { id: a, model: wan2.6-t2i, prompt: x } ]\n",
     "m.yaml:2:13: error: 'id' belongs to a job and can be no default\n"
     "m.yaml:2:20: error: 'defaults' has no key 'modl'; did you mean 'model'?\n"
     "m.yaml:2:36: error: model 'x' is unknown; known are qwen-image, qwen-image-plus, wan2.2-t2i-flash, "
     "wan2.2-t2i-plus, wan2.5-i2i-preview, wan2.5-t2i-preview, wan2.6-image, wan2.6-t2i, wan2.7-image, "
     "wan2.7-image-pro, wanx2.1-t2i-plus, wanx2.1-t2i-turbo\n"
     "m.yaml:2:53: error: no model has a parameter 'nn'; did you mean 'n'?\n"},
    {"manifest: 1\n"
     "jobs:\n"
     "  - { id: a, model: wan2.6-t2i, prompt: x, matrix: { d: [x], exclude: [ { d: x } ] } }\n",
     "m.yaml:2:1: error: nothing is left of these jobs; look at 'exclude', and at the rows that are "
     "skipped\n"},
    {"manifest: 1\n"
     "name: \"${x}\"\n"
     "jobs: [ { id: a, model: wan2.6-t2i, prompt: x } ]\n",
     "m.yaml:2:8: error: nothing is filled in here, so that this can be no placeholder '${…}'; a literal "
     "'${' is written '$${'\n"},
    {"manifest: 1\n"
     "budget: 5\n"
     "jobs: [ { id: a, model: wan2.6-t2i, prompt: x } ]\n",
     "m.yaml:2:9: error: a budget is a map of keys (pictures, …), not 5\n"},
    {"manifest: 1\n"
     "deadline: [10h]\n"
     "jobs: [ { id: a, model: wan2.6-t2i, prompt: x } ]\n",
     "m.yaml:2:11: error: deadline wants a text, not a list\n"},
    {"manifest: 1\n"
     "max_failures: [1]\n"
     "jobs: [ { id: a, model: wan2.6-t2i, prompt: x } ]\n",
     "m.yaml:2:15: error: max_failures wants a whole number of jobs or a share such as 2%, not a list\n"},
    {"manifest: 1\n"
     "budget: { cost: [1] }\n"
     "jobs: [ { id: a, model: wan2.6-t2i, prompt: x } ]\n",
     "m.yaml:2:17: error: cost wants an amount with its currency such as '40 CNY', not a list\n"},
    {"manifest: 1\n"
     "name: [a]\n"
     "jobs: [ { id: a, model: wan2.6-t2i, prompt: x } ]\n",
     "m.yaml:2:7: error: name wants a text, not a list\n"},
    {"manifest: 1\n"
     "name: a #1\n"
     "jobs: [ { id: a, model: wan2.6-t2i, prompt: x } ]\n",
     "m.yaml:2:7: error: YAML cuts name before ' #1'; put it into quotes\n"},
    {"manifest: 1\n"
     "defaults: { model: wan2.6-t2i }\n"
     "jobs:\n"
     "  - id: a\n"
     "    prompt: x\n"
     "    matrix: dishes\n",
     "m.yaml:6:13: error: matrix is a map of axes, such as { dish: [noodles, rice] }, not 'dishes'\n"},
    {"manifest: 1\n"
     "defaults: { model: wan2.6-t2i }\n"
     "jobs:\n"
     "  - id: a\n"
     "    prompt: x\n"
     "    matrix: {}\n",
     "m.yaml:6:13: error: this matrix has no axis; write one: dish: [noodles, rice]\n"},
    {"manifest: 1\n"
     "defaults: { model: wan2.6-t2i }\n"
     "jobs:\n"
     "  - id: a\n"
     "    prompt: x\n"
     "    matrix: { \"a.b\": [x] }\n",
     "m.yaml:6:15: error: an axis cannot be called 'a.b'; take a plain word\n"},
    {"manifest: 1\n"
     "defaults: { model: wan2.6-t2i }\n"
     "jobs:\n"
     "  - id: a\n"
     "    prompt: x\n"
     "    matrix: { d: [x], exclude: x }\n",
     "m.yaml:6:32: error: exclude is a list of combinations, such as [ { style: ink } ], not 'x'\n"},
    {"manifest: 1\n"
     "defaults: { model: wan2.6-t2i }\n"
     "jobs:\n"
     "  - id: a\n"
     "    prompt: x\n"
     "    matrix: { d: [x], include: { d: y } }\n",
     "m.yaml:6:32: error: include is a list of combinations, such as [ { style: ink } ], not a map\n"},
    {"manifest: 1\n"
     "defaults: { model: wan2.6-t2i }\n"
     "jobs:\n"
     "  - id: a\n"
     "    prompt: x\n"
     "    matrix: { d: [x], exclude: [ x, { e: x }, { dd: x } ] }\n",
     "m.yaml:6:34: error: exclude wants { AXIS: VALUE }, not 'x'\n"
     "m.yaml:6:39: error: this matrix has no axis 'e'\n"
     "m.yaml:6:49: error: this matrix has no axis 'dd'; did you mean 'd'?\n"},
    {"manifest: 1\n"
     "defaults: { model: wan2.6-t2i }\n"
     "jobs:\n"
     "  - id: a\n"
     "    prompt: x\n"
     "    matrix: { d: [x], e: [y], include: [ { d: z }, { d: x, e: y, f: z } ] }\n",
     "m.yaml:6:42: error: include wants complete combinations, and 'e' is missing here\n"
     "m.yaml:6:66: error: this matrix has no axis 'f'\n"},
    {"manifest: 1\n"
     "defaults: { model: wan2.6-t2i }\n"
     "jobs:\n"
     "  - id: a\n"
     "    prompt: x\n"
     "    rows: { bad: skip }\n",
     "m.yaml:6:11: error: rows wants a 'file', or a list of rows in place\n"},
    {"manifest: 1\n"
     "defaults: { model: wan2.6-t2i }\n"
     "jobs:\n"
     "  - id: a\n"
     "    prompt: x\n"
     "    rows: { file: p.csv, separator: \"|\", bad: no }\n",
     "m.yaml:6:37: error: separator wants ',', ';' or tab, not '|'\n"
     "m.yaml:6:47: error: bad wants skip or stop, not 'no'\n"},
    {"manifest: 1\n"
     "defaults: { model: wan2.6-t2i }\n"
     "jobs:\n"
     "  - id: a\n"
     "    prompt: x\n"
     "    rows: []\n",
     "m.yaml:6:11: error: there are no rows in this list\n"},
    {"manifest: 1\n"
     "defaults: { model: wan2.6-t2i }\n"
     "jobs:\n"
     "  - id: a\n"
     "    prompt: x\n"
     "    rows: [ { a: 1, b: x }, { a: 1, b: x } ]\n",
     "m.yaml:6:11: error: what names a row? no column has another value in each row; write key: row for "
     "their numbers\n"},
    {"manifest: 1\n"
     "defaults: { model: wan2.6-t2i }\n"
     "jobs:\n"
     "  - id: a\n"
     "    prompt: x\n"
     "    rows: [ { sku: 1 }, { sku: \"\" } ]\n"
     "    key: sku\n",
     "m.yaml:6:25: error: its 'sku', which names it, is empty\n"},
    {"manifest: 1\n"
     "defaults: { model: wan2.6-t2i }\n"
     "jobs:\n"
     "  - id: a\n"
     "    prompt: x\n"
     "    key: sku\n",
     "m.yaml:6:10: error: 'key' names rows, and this job has none\n"},
    {"manifest: 1\n"
     "defaults: { model: wan2.6-t2i }\n"
     "jobs:\n"
     "  - id: a\n"
     "    prompt: x\n"
     "    rows: [ { n: 1 } ]\n"
     "    matrix: { n: [x] }\n"
     "    key: n\n",
     "m.yaml:4:5: error: 'n' is a column of the rows and also an axis of the matrix; rename one of them\n"},
    {"manifest: 1\n"
     "defaults: { model: wan2.6-t2i }\n"
     "jobs:\n"
     "  - id: a\n"
     "    prompt: x\n"
     "    takes: 0\n",
     "m.yaml:6:12: error: takes wants a whole number from 1 to 1000, not 0\n"},
    {"manifest: 1\n"
     "defaults: { model: wan2.6-t2i }\n"
     "jobs:\n"
     "  - id: a\n"
     "    prompt: x\n"
     "    takes: 2000\n",
     "m.yaml:6:12: error: takes wants a whole number from 1 to 1000, not 2000\n"},
    {"manifest: 1\n"
     "defaults: { model: wan2.6-t2i }\n"
     "jobs:\n"
     "  - id: a\n"
     "    prompt: { fil: x }\n",
     "m.yaml:5:13: error: prompt is a text, or { file: PATH } for one that stands in a file of its own\n"},
    {"manifest: 1\n"
     "defaults: { model: wan2.6-t2i }\n"
     "jobs:\n"
     "  - id: a\n"
     "    prompt: { file: \"a\\\\b\" }\n",
     "m.yaml:5:21: error: cannot read the prompt 'a\\b': a path is written with '/', not with '\\'\n"},
    {"manifest: 1\n"
     "defaults: { model: wan2.6-t2i }\n"
     "jobs:\n"
     "  - id: a\n"
     "    prompt: { file: [a] }\n",
     "m.yaml:5:21: error: file wants a text, not a list\n"},
    {"manifest: 1\n"
     "defaults: { model: wan2.6-t2i }\n"
     "jobs:\n"
     "  - id: a\n"
     "    prompt: x\n"
     "    picture: [a]\n",
     "m.yaml:6:14: error: picture wants a text, not a list\n"},
    {"manifest: 1\n"
     "jobs:\n"
     "  - id: a\n"
     "    prompt: x\n"
     "    model: [a]\n",
     "m.yaml:5:12: error: model wants a text, not a list\n"},
    {"manifest: 1\n"
     "jobs:\n"
     "  - id: a\n"
     "    request: x\n",
     "m.yaml:4:14: error: request is the API's own body, a map, not 'x'\n"},
    {"manifest: 1\n"
     "jobs:\n"
     "  - id: a\n"
     "    request: { input: {} }\n",
     "m.yaml:4:14: error: request names no 'model'\n"},
    {"manifest: 1\n"
     "jobs:\n"
     "  - id: a\n"
     "    request: { model: wan2.6-t2i, parameters: [n] }\n",
     "m.yaml:4:47: error: parameters is a map, not a list\n"},
    {"manifest: 1\n"
     "jobs:\n"
     "  - id: a\n"
     "    request: { model: wan2.6-t2i, input: { messages: [] } }\n",
     "m.yaml:4:54: error: request wants input.messages, a list of exactly one message\n"},
    {"manifest: 1\n"
     "jobs:\n"
     "  - id: a\n"
     "    request: { model: wan2.6-t2i, input: { messages: [ { content: x } ] } }\n",
     "m.yaml:4:56: error: a message wants 'content', a list of { text: … } and { image: … }\n"},
    {"manifest: 1\n"
     "jobs:\n"
     "  - id: a\n"
     "    request: { model: wan2.6-t2i, input: { messages: [ { content: [ {}, { text: [x] }, { text: \"\" } "
     "] } ] } }\n",
     "m.yaml:4:67: error: 'content' wants exactly one text, here are 2\n"
     "m.yaml:4:69: error: a part of 'content' is either { text: … } or { image: … }\n"
     "m.yaml:4:81: error: text wants a text, not a list\n"
     "m.yaml:4:96: error: text is empty\n"},
    {"manifest: 1\n"
     "jobs:\n"
     "  - id: a\n"
     "    request: { model: wan2.6-t2i, parameters: { x: .inf }, input: { messages: [ { content: [ { image: "
     "\"https://a.example/b.png\" } ] } ] } }\n",
     "m.yaml:4:52: error: JSON has no such number\n"
     "m.yaml:4:92: error: 'content' wants exactly one text, here are 0\n"
     "m.yaml:4:92: error: wan2.6-t2i draws from words alone and takes no pictures\n"},
    {"manifest: 1\n"
     "jobs:\n"
     "  - id: a\n"
     "    request: { model: wan2.6-t2i }\n"
     "    prompt: x\n",
     "m.yaml:4:14: error: request wants input.messages, a list of exactly one message\n"
     "m.yaml:5:5: error: 'prompt' cannot stand beside 'request', which says it all itself\n"},
    {"manifest: 1\n"
     "defaults: { model: wan2.6-t2i }\n"
     "jobs:\n"
     "  - id: a\n"
     "    prompt: x\n"
     "    parameters: { size: 4000*500 }\n",
     "m.yaml:6:25: error: size '4000*500' is too long for its width; wan2.6-t2i takes W*H of 1638400 to "
     "2073600 pixels and a shape from 1:4 to 4:1\n"},
    {"manifest: 1\n"
     "defaults: { model: wan2.6-t2i }\n"
     "jobs:\n"
     "  - id: a\n"
     "    rows: [ { who: a, n: 7 } ]\n"
     "    key: who\n"
     "    prompt: x\n"
     "    parameters: { n: \"${n}1\" }\n",
     "m.yaml:8:22: error: n of wan2.6-t2i wants a whole number from 1 to 4, not the text '71'; drop the "
     "quotes (in the row's value at 5:26)\n"},
    {"manifest: 1\n"
     "defaults: { model: wan2.6-t2i }\n"
     "jobs:\n"
     "  - id: a\n"
     "    rows: [ { who: a, n: 7, m: 1 } ]\n"
     "    key: who\n"
     "    prompt: x\n"
     "    parameters: { n: \"${n}${m}\" }\n",
     "m.yaml:8:22: error: n of wan2.6-t2i wants a whole number from 1 to 4, not the text '71'; drop the "
     "quotes (in the row at 5:13)\n"},
});

}  // namespace

TEST_CASE("every mistake in a manifest is told in these words, at this place") {
  Desk desk;
  desk.put("p.csv", "sku\n1\n");
  for (auto const& [manifest, complaints] : kCases) {
    CAPTURE(manifest);
    CHECK(desk.read(manifest).complaints() == complaints);
  }
}
