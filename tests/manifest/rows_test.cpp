#include "manifest/beside.h"

using namespace wanspool;
using reading::Desk;
using reading::names;
using reading::prompts;
using reading::words;

TEST_SUITE_BEGIN("manifest");

TEST_CASE("rows of a CSV as Excel writes it: semicolons, a byte order mark, leading zeros") {
  Desk desk;
  desk.put("products.csv", "\xEF\xBB\xBFsku;name;colour\r\n00471;\"Vase; tall\";red\r\n00472;Krug;\r\n");
  auto const read = desk.read(words(R"(    rows: products.csv
    key: sku
    prompt: "${name} in ${colour:-natural}, number ${sku}"
)"));
  CHECK(read.complaints() == "");
  CHECK(names(read) == "a/00471 a/00472");
  CHECK(prompts(read) == "Vase; tall in red, number 00471 | Krug in natural, number 00472");
  REQUIRE(read.head.found.size() == 1);
  CHECK(read.head.found[0] ==
        "products.csv: separated by ';', columns sku, name, colour; named by sku; 2 rows");
  CHECK(read.jobs[0].vars == R"({"sku":"00471","name":"Vase; tall","colour":"red"})");
}

TEST_CASE("rows by matrix by takes, rows outermost") {
  Desk desk;
  desk.put("p.csv", "sku,name\n1,cup\n2,jug\n");
  auto const read = desk.read(words(R"(    rows: p.csv
    key: sku
    matrix: { style: { wc: watercolor, ink: ink wash } }
    takes: 2
    prompt: "${name}, ${style}"
)"));
  CHECK(read.complaints() == "");
  CHECK(names(read) == "a/1/wc/t1 a/1/wc/t2 a/1/ink/t1 a/1/ink/t2 a/2/wc/t1 a/2/wc/t2 a/2/ink/t1 a/2/ink/t2");
  CHECK(read.jobs[7].vars == R"({"sku":"2","name":"jug","style":"ink wash","style.label":"ink"})");
  CHECK(read.jobs[7].take == 2);
}

TEST_CASE("JSONL keeps types, nested values and dots") {
  Desk desk;
  desk.put("p.jsonl",
           R"({"id": "x", "prompt": "a ${cup}", "n": 2, "size": {"w": 1280}, "tags": ["red", "tall"]}
{"id": "y", "prompt": "b", "n": 1, "size": {"w": 1440}}
)");
  auto const read = desk.read(words(R"(    rows: p.jsonl
    prompt: "${prompt} ${row.size.w} ${size.w} ${colour:-none}"
    parameters: { n: "${n}" }
)"));
  CHECK(read.complaints() == "");
  CHECK(names(read) == "a/x a/y");
  CHECK(prompts(read) == "a ${cup} 1280 1280 none | b 1440 1440 none");
  CHECK(read.jobs[0].pictures == 2);
  CHECK(read.jobs[0].vars ==
        R"({"id":"x","prompt":"a ${cup}","n":2,"size":{"w":1280},"tags":["red","tall"]})");
}

TEST_CASE("a list in place makes axes that move together") {
  auto const read = reading::manifest(words(R"(    rows:
      - { who: teacher, what: coffee }
      - { who: baker, what: bread, seed: 7 }
    key: who
    prompt: "a ${who} with ${what}"
    parameters: { seed: "${seed:-1}" }
)"));
  CHECK(read.complaints() == "");
  CHECK(names(read) == "a/teacher a/baker");
  CHECK(read.jobs[1].request.parameters.at("seed") == Value{std::int64_t{7}});
  CHECK(read.jobs[0].vars == R"({"who":"teacher","what":"coffee"})");
}

TEST_CASE("rows that nothing names are asked for a key") {
  Desk desk;
  desk.put("p.csv", "sku,name,kind\n1,cup,x\n2,jug,x\n");
  auto const with = [&](std::string const& key) {
    return desk.read(words("    rows: p.csv\n" + key + "    prompt: \"${name}\"\n"));
  };
  CHECK(with("").complaints() ==
        "m.yaml:5:11: error: what names a row? write key: sku (these name each row: sku, name)\n");
  CHECK(with("    key: skuu\n").complaints() ==
        "m.yaml:6:10: error: there is no column 'skuu'; did you mean 'sku'?; there are sku, name, kind\n");
  CHECK(names(with("    key: [kind, sku]\n")) == "a/x-1 a/x-2");
  CHECK(names(with("    key: row\n")) == "a/1 a/2");
  CHECK(with("    key: kind\n").complaints() ==
        "m.yaml:4:5: error: two jobs have the same id after normalisation (rows 2 and 3); the other is at "
        "4:5\n");
}

TEST_CASE("what is wrong with a row is told with its line") {
  Desk desk;
  desk.put("p.csv", "sku,count\n1,2\n2,9\n3,0\n,1\n");
  auto const read = desk.read(
      words("    rows: p.csv\n    key: sku\n    prompt: x ${sku}\n    parameters: { n: \"${count}\" }\n"));
  CHECK(read.complaints() ==
        "m.yaml:8:22: error: n of wan2.6-t2i wants a whole number from 1 to 4, not 9 (in p.csv:3:3)\n"
        "m.yaml:8:22: error: n of wan2.6-t2i wants a whole number from 1 to 4, not 0 (in p.csv:4:3)\n"
        "p.csv:5:1: error: its 'sku', which names it, is empty\n");
}

TEST_CASE("bad rows are left out where that is asked for, up to a tenth of them") {
  Desk desk;
  std::string rows = "sku,count\n";
  for (int i = 1; i <= 20; ++i) rows += std::to_string(i) + "," + (i == 7 ? "99" : "1") + "\n";
  desk.put("p.csv", rows);
  desk.put("worse.csv", rows + "21,99\n22,99\n");
  auto const with = [&](std::string const& file) {
    return desk.read(
        words("    rows: { file: " + file +
              ", bad: skip }\n    key: sku\n    matrix: { d: [x, y] }\n    prompt: \"${sku} ${d}\"\n"
              "    parameters: { n: \"${count}\" }\n"));
  };
  auto const read = with("p.csv");
  CHECK(read.complaints() == "");
  CHECK(read.jobs.size() == 38);
  CHECK(read.head.jobs == 38);
  REQUIRE(read.head.bad_rows.size() == 1);
  CHECK(read.head.bad_rows[0].file == "p.csv");
  CHECK(read.head.bad_rows[0].line == 8);
  CHECK(read.head.bad_rows[0].key == "7");
  CHECK(read.head.bad_rows[0].text ==
        "n of wan2.6-t2i wants a whole number from 1 to 4, not 99 (with d=x, and in 1 other)");
  CHECK(
      with("worse.csv").complaints() ==
      "m.yaml:5:11: error: 3 of 22 rows are wrong, and 'bad: skip' leaves out a tenth at most; the first, at "
      "worse.csv:8: n of wan2.6-t2i wants a whole number from 1 to 4, not 99 (with d=x, and in 1 other)\n");
}

TEST_CASE("a file of rows that cannot be read says why") {
  Desk desk;
  desk.put("latin.csv", "sku,name\n1,caf\xE9\n").put("none.csv", "sku,name\n").put("x.xlsx", "PK");
  desk.put("folder.csv/x", "").put("empty.csv", "");
  auto const with = [&](std::string const& rows) {
    return desk.read(words("    rows: " + rows + "\n    key: sku\n    prompt: \"${name}\"\n")).complaints();
  };
  CHECK(with("gone.csv") == "m.yaml:5:11: error: cannot read 'gone.csv': there is no such file\n");
  CHECK(with("{ file: gone.csv }") == "m.yaml:5:19: error: cannot read 'gone.csv': there is no such file\n");
  CHECK(with("folder.csv") ==
        "m.yaml:5:11: error: cannot read 'folder.csv': it is a folder; name a file in it\n");
  CHECK(with("empty.csv") ==
        "m.yaml:5:11: error: cannot read 'empty.csv': it is empty; its first line names the columns\n");
  CHECK(with("x.xlsx") ==
        "m.yaml:5:11: error: 'x.xlsx' is no table by its ending; .csv, .tsv and .jsonl are\n");
  CHECK(with("none.csv") == "m.yaml:5:11: error: 'none.csv' has no row below its header\n");
  CHECK(with("latin.csv").find("latin.csv:2") != std::string::npos);
  CHECK(with("latin.csv").find("save as CSV UTF-8") != std::string::npos);
  CHECK(with("'a\\b.csv'") == "m.yaml:5:11: error: a path is written with '/', not with '\\'\n");
  CHECK(with("{ fil: a.csv }").find("'rows' has no key 'fil'; did you mean 'file'?") != std::string::npos);
  CHECK(with("{ file: none.csv, separator: \"|\" }").find("separator wants") != std::string::npos);
  CHECK(with("[ 1 ]") == "m.yaml:5:13: error: a row is a map of columns, such as { sku: 17 }, not 1\n");
}

TEST_CASE("a prompt may stand in a file, with placeholders of its own") {
  Desk desk;
  desk.put("prompts/cup.txt", "A ${dish} on a table\r\n").put("latin.txt", "caf\xE9");
  auto const read =
      desk.read(words("    matrix: { dish: [cup, jug] }\n    prompt: { file: \"prompts/cup.txt\" }\n"));
  CHECK(read.complaints() == "");
  CHECK(prompts(read) == "A cup on a table | A jug on a table");
  auto const with = [&](std::string const& file) {
    return desk.read(words("    prompt: { file: " + file + " }\n")).complaints();
  };
  CHECK(with("gone.txt") == "m.yaml:5:21: error: cannot read the prompt 'gone.txt': there is no such file\n");
  CHECK(with("prompts") == "m.yaml:5:21: error: cannot read the prompt 'prompts': it is no plain file\n");
  CHECK(with("latin.txt").starts_with("latin.txt:1:4: error: byte 0xE9 is not UTF-8"));
}

TEST_CASE("the text of a cell is never a placeholder") {
  Desk desk;
  desk.put("p.csv", "sku,name\n1,${sku}\n");
  auto const read = desk.read(words("    rows: p.csv\n    key: sku\n    prompt: \"a ${name}\"\n"));
  CHECK(read.complaints() == "");
  CHECK(prompts(read) == "a ${sku}");
}

TEST_CASE("a file is found under either spelling of its letters") {
  Desk desk;
  desk.put("cafe\xCC\x81.csv", "sku\n1\n");
  auto const read = desk.read(words("    rows: caf\xC3\xA9.csv\n    key: sku\n    prompt: \"${sku}\"\n"));
  CHECK(read.complaints() == "");
  CHECK(names(read) == "a/1");
}

TEST_CASE("an empty picture is left out") {
  Desk desk;
  desk.put("p.csv",
           "sku,one,two\n1,https://a.example/1.png,\n2,https://a.example/1.png,https://a.example/2.png\n");
  auto const read = desk.read(R"(manifest: 1
jobs: [ { id: a, rows: p.csv, key: sku, prompt: "${sku}", images: [ "${one}", "${two}" ] } ]
)");
  CHECK(read.complaints() == "");
  CHECK(read.jobs[0].request.images.size() == 1);
  CHECK(read.jobs[1].request.images.size() == 2);
}

TEST_CASE("of a name that no row has the picture is not left out, and an empty cell is no parameter") {
  Desk desk;
  desk.put("p.jsonl", "{\"id\": 1, \"photo\": \"https://a.example/1.png\"}\n{\"id\": 2, \"seed\": 5}\n");
  auto const with = [&](std::string const& image) {
    return desk.read("manifest: 1\njobs: [ { id: a, rows: p.jsonl, prompt: x, images: [ \"" + image +
                     "\" ], parameters: { enable_interleave: true, seed: \"${seed:-}\" } } ]\n");
  };
  auto const read = with("${photo}");
  CHECK(read.complaints() == "");
  CHECK(read.jobs[1].request.images.empty());
  CHECK_FALSE(read.jobs[0].request.parameters.contains("seed"));
  CHECK(read.jobs[1].request.parameters.at("seed") == Value{std::int64_t{5}});
  CHECK(with("${phto}").complaints().find("nothing is called 'phto' here; did you mean 'photo'?") !=
        std::string::npos);
}

TEST_CASE("what is wrong with a value of a row is told with the place of its cell") {
  Desk desk;
  desk.put("p.csv", "sku;words;n\n1;\"two\nlines; \";9\n")
      .put("p.jsonl", "{\"id\": 1, \"at\": {\"n\": 9}}\n");
  CHECK(
      desk.read(words("    rows: p.csv\n    key: sku\n    prompt: ${words}\n    parameters: { n: '${n}' }\n"))
          .complaints() ==
      "m.yaml:8:22: error: n of wan2.6-t2i wants a whole number from 1 to 4, not 9 (in p.csv:3:10)\n");
  CHECK(desk
            .read(words(
                "    rows: p.jsonl\n    prompt: ${row.none} ${at}\n    parameters: { n: '${row.at.n}' }\n"))
            .complaints() ==
        "m.yaml:6:13: error: 'row.none' is missing; write ${row.none:-…} for what stands there then (in "
        "p.jsonl:1)\n"
        "m.yaml:6:25: error: 'at' is a map and cannot stand inside of a text; name one of its fields: "
        "${at.FIELD} (in p.jsonl:1:17)\n"
        "m.yaml:7:22: error: n of wan2.6-t2i wants a whole number from 1 to 4, not 9 (in p.jsonl:1:17)\n");
  CHECK(desk.read(words("    rows:\n      - { id: 1, n: 9 }\n    prompt: x\n    parameters: { n: '${n}' }\n"))
            .complaints() ==
        "m.yaml:8:22: error: n of wan2.6-t2i wants a whole number from 1 to 4, not 9 (in the row's value at "
        "6:21)\n");
}

TEST_CASE("a value that is made of several cells is told with its row alone") {
  Desk desk;
  desk.put("p.csv", "sku,a,b\n1,x,y\n");
  CHECK(
      desk.read(words("    rows: p.csv\n    key: sku\n    prompt: x\n    parameters: { size: '${a}${b}' }\n"))
          .complaints()
          .ends_with("(in p.csv:2)\n"));
  CHECK(
      desk.read(
              words("    rows: p.csv\n    key: sku\n    prompt: x\n    parameters: { size: '${a}*${a}' }\n"))
          .complaints()
          .ends_with("(in p.csv:2:3)\n"));
}

TEST_CASE("rows that are wrong in the same way are one complaint") {
  Desk desk;
  desk.put("p.csv", "sku,name\n1,a,b\n2,c\n3,d,e\n4\n5,f,g\n");
  CHECK(desk.read(words("    rows: p.csv\n    key: sku\n    prompt: x ${sku}\n")).complaints() ==
        "p.csv:2:5: error: this row has 3 cells, the header has 2; a cell with a separator in it wants "
        "quotes (and "
        "2 other rows like this)\n"
        "p.csv:5:1: error: this row has 1 cell, the header has 2; a cell with a separator in it wants "
        "quotes\n");
}

TEST_CASE("a row that is left out is told without its place, which is kept beside it") {
  Desk desk;
  std::string rows = "sku,name\n1\n";
  for (int i = 2; i <= 20; ++i) rows += std::to_string(i) + ",x\n";
  desk.put("p.csv", rows);
  auto const read =
      desk.read(words("    rows: { file: p.csv, bad: skip }\n    key: sku\n    prompt: x ${sku}\n"));
  REQUIRE(read.head.bad_rows.size() == 1);
  CHECK(read.head.bad_rows[0].line == 2);
  CHECK(read.head.bad_rows[0].text ==
        "this row has 1 cell, the header has 2; a cell with a separator in it wants quotes");
}
