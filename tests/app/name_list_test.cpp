#include "app/name_list.h"

#include <doctest/doctest.h>

#include "app/exit.h"

using namespace wanspool::app;

TEST_SUITE_BEGIN("app");

namespace {

using List = std::vector<std::string>;

List read(std::string const& list) {
  return names_in(list, "bad.csv");
}

std::string trouble(std::string const& list) try {
  read(list);
  return {};
} catch (Quit const& quit) {
  CHECK(quit.exit_code == kWrong);
  return quit.what();
}

}  // namespace

TEST_CASE("a list of names is one a line, between comments") {
  CHECK(read("cats/a\r\n\n# bad ones\n  cats/b \ncats/*\n") == List{"cats/a", "cats/b", "cats/*"});
  CHECK(read("# from an old system\rcats/a\rcats/b") == List{"cats/a", "cats/b"});
  CHECK(read("\"cats/a\"\n\"out/a \"\"b\"\", c\"\n") == List{"cats/a", "out/a \"b\", c"});
  CHECK(read("").empty());
  CHECK(read("\xEF\xBB\xBF# nothing\n\n").empty());
}

TEST_CASE("of a table without a header the names stand in front") {
  CHECK(read("cats/a,crooked\ncats/b\n") == List{"cats/a", "cats/b"});
  CHECK(read("cats/a;2,50\ncats/b\tx") == List{"cats/a", "cats/b"});
}

TEST_CASE("of a table with a header the names have a column, wherever it is") {
  CHECK(read("\xEF\xBB\xBFjob;verdict\ncats/a;bad\n\"cats/b\";\"two\ncats/c\"\n") ==
        List{"cats/a", "cats/b"});
  CHECK(read("verdict,File Name\n\"bad, really\",a/1.png\n") == List{"a/1.png"});
  CHECK(read("why\tPath\nbad\t/s/out/cats/a\n") == List{"/s/out/cats/a"});
  CHECK(read("sep=|\nwhy|picture\nbad|p.png\n") == List{"p.png"});
  CHECK(read("# of May\n\nname\ncats/a\n# not cats/b\n") == List{"cats/a"});
}

TEST_CASE("what list --pictures --csv prints names jobs") {
  CHECK(read("file_name,job,picture,prompt\r\na/image-1.png,cats/a,1,\"red, \"\"wet\"\"\"\r\n"
             "a/image-2.png,cats/a,2,\r\n") == List{"cats/a", "cats/a"});
}

TEST_CASE("where a row has no job its file names it") {
  CHECK(read("job,file_name\ncats/a,x.png\n,y.png\n") == List{"cats/a", "y.png"});
  CHECK(read("{\"job\":null,\"file_name\":\"y.png\"}\n") == List{"y.png"});
}

TEST_CASE("lines of metadata.jsonl and of list --json name jobs") {
  CHECK(read("{\"file_name\":\"a/image-1.png\",\"job\":\"cats/a\",\"picture\":1}\n\n"
             "{\"schema\":1,\"job\":\"cats/b\",\"pictures\":[{\"file\":\"x.png\"}]}\n") ==
        List{"cats/a", "cats/b"});
}

TEST_CASE("a table that cannot be read to its end names nothing") {
  CHECK(
      trouble("# old\njob,why\ncats/a,bad\ncats/b\n") ==
      "bad.csv:4: this row has 1 cell, the header has 2; a cell with a separator in it wants quotes; nothing "
      "was done");
  CHECK(trouble("job,why\n,bad\n") ==
        "bad.csv:2: this row names no job; a column 'job' would; nothing was done");
  CHECK(trouble("job,job\ncats/a,cats/b\n").starts_with("bad.csv:1: columns 1 and 2 are both named 'job'"));
  CHECK(trouble("job\ncats/a\n\"cats/b\n").find("never closed") != std::string::npos);
  CHECK(trouble("job,why\ncats/a,sch\xF6n\n").find("save as CSV UTF-8") != std::string::npos);
  CHECK(trouble("cats/a\ncats/sch\xF6n\n").starts_with("bad.csv:2: byte 0xF6 is not UTF-8"));
  CHECK(trouble(std::string{"j\0o\0b\0", 6}).find("UTF-16") != std::string::npos);
  CHECK(trouble("{\"job\":\"cats/a\"}\n{\"job\":\n").starts_with("bad.csv:2: "));
  CHECK(trouble("{\"jobs\":\"cats/a\"}\n").starts_with("bad.csv:1: this row names no job"));
}

TEST_SUITE_END();
