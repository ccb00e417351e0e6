#include "manifest/table.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/fields.h"

TEST_SUITE_BEGIN("manifest");

namespace {

using namespace wanspool::yaml;
namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    auto name = (fs::temp_directory_path() / "wanspool-table-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  Folder(Folder const&) = delete;
  Folder& operator=(Folder const&) = delete;
  ~Folder() { fs::remove_all(path_); }

  fs::path file(std::string_view bytes, std::string const& name = "rows.csv") const {
    std::ofstream{path_ / name, std::ios::binary} << bytes;
    return path_ / name;
  }
  fs::path const& path() const { return path_; }

 private:
  fs::path path_;
};

std::string spelled(Node const& node) {
  std::string out;
  switch (node.kind) {
    case Node::Kind::Null:
      return "null";
    case Node::Kind::Scalar:
      return node.plain ? node.text : "'" + node.text + "'";
    case Node::Kind::List:
      for (auto const& item : node.items) out += (out.empty() ? "" : ", ") + spelled(item);
      return "[" + out + "]";
    case Node::Kind::Map:
      for (std::size_t i = 0; i < node.items.size(); i += 2)
        out += (i == 0 ? "" : ", ") + node.items[i].text + ": " + spelled(node.items[i + 1]);
      return "{" + out + "}";
  }
  return out;
}

// Every row on a line of its own, with the number of its line and what is wrong with it.
struct Found {
  std::string rows;
  std::vector<std::string> columns;
  char separator = 0;
  std::string trouble;  // "LINE:COLUMN: TEXT"
};

Found read(fs::path const& file, Table::Format format, char separator = 0) {
  Table table{file, format, separator};
  Found found;
  while (auto const row = table.next()) {
    found.rows += std::to_string(row->line) + " ";
    found.rows += row->wrong.empty() ? spelled(row->map)
                                     : "wrong at " + std::to_string(row->wrong_at.line) + ":" +
                                           std::to_string(row->wrong_at.column) + ": " + row->wrong;
    found.rows += "\n";
  }
  found.columns = table.columns();
  found.separator = table.separator();
  if (auto const& trouble = table.trouble())
    found.trouble =
        std::to_string(trouble->line) + ":" + std::to_string(trouble->column) + ": " + trouble->text;
  CHECK_FALSE(table.next());
  return found;
}

Found csv(std::string_view text, char separator = 0) {
  Folder const folder;
  return read(folder.file(text), Table::Format::Csv, separator);
}

Found jsonl(std::string_view text) {
  Folder const folder;
  return read(folder.file(text, "rows.jsonl"), Table::Format::Jsonl);
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a file's ending says how its rows are written") {
  CHECK(Table::format_of("a/b.csv") == Table::Format::Csv);
  CHECK(Table::format_of("b.TSV") == Table::Format::Csv);
  CHECK(Table::format_of("b.txt") == Table::Format::Csv);
  CHECK(Table::format_of("b.jsonl") == Table::Format::Jsonl);
  CHECK(Table::format_of("b.ndjson") == Table::Format::Jsonl);
  CHECK_FALSE(Table::format_of("b.xlsx"));
  CHECK_FALSE(Table::format_of("csv"));
}

TEST_CASE("cells of a csv are spelled as in the file") {
  auto const found = csv("sku,name,price\n00471, mug ,1.50\n7,,x\n");
  CHECK(found.rows == "2 {sku: 00471, name:  mug , price: 1.50}\n3 {sku: 7, name: , price: x}\n");
  CHECK(found.columns == Names{"sku", "name", "price"});
  CHECK(found.separator == ',');
  CHECK(found.trouble.empty());
}

TEST_CASE("nodes of rows stand nowhere") {
  Folder const folder;
  Table table{folder.file("a\n1\n"), Table::Format::Csv};
  auto const row = table.next();
  REQUIRE(row);
  CHECK(row->map.at == kNowhere);
  for (auto const& item : row->map.items) CHECK(item.at == kNowhere);
  CHECK_FALSE(row->map.items[0].plain);
  CHECK(plain_integer(View{row->map.items[1]}) == 1);
}

TEST_CASE("the separator is the most frequent one of the header, outside quotes") {
  CHECK(csv("a;b;c,d\n1;2;3\n").columns == Names{"a", "b", "c,d"});
  CHECK(csv("a\tb\n1\t2\n").separator == '\t');
  CHECK(csv("\"a,,,,b\";c\n1;2\n").columns == Names{"a,,,,b", "c"});
  CHECK(csv("\"a \"\",,,\"\" b\";c\n1;2\n").columns == Names{"a \",,,\" b", "c"});
  CHECK(csv("only\n1\n").rows == "2 {only: 1}\n");
}

TEST_CASE("excel's first line names the separator") {
  CHECK(csv("sep=;\r\na,b;c\r\n1;2\r\n").rows == "3 {a,b: 1, c: 2}\n");
  CHECK(csv("\xEF\xBB\xBFsep=\t\na\tb\n1\t2\n").rows == "3 {a: 1, b: 2}\n");
  CHECK(csv("\"sep=;\"\na;b\n1;2\n").rows == "3 {a: 1, b: 2}\n");
  CHECK(csv("sep=|\na|b\n1|2\n").separator == '|');
  CHECK(csv("sep=;\na,b\n1,2\n", ',').rows == "3 {a: 1, b: 2}\n");
}

TEST_CASE("a named separator is taken whatever the header looks like") {
  CHECK(csv("a,b,c;d\n1;2\n", ';').columns == Names{"a,b,c", "d"});
}

TEST_CASE("quoted cells hold separators, quotes and lines, and later rows keep their lines") {
  auto const found = csv("a,b\n\"x, \"\"y\"\"\",\"one\ntwo\r\nthree\"\nq,r\n\n\"\n\",s\nt,u\n");
  CHECK(found.rows ==
        "2 {a: x, \"y\", b: one\ntwo\r\nthree}\n5 {a: q, b: r}\n7 {a: \n, b: s}\n9 {a: t, b: u}\n");
}

TEST_CASE("a header may have lines within its cells") {
  auto const found = csv("\"price\n(EUR)\",\"a\nb;;;\"\n1,2\n");
  CHECK(found.columns == Names{"price\n(EUR)", "a\nb;;;"});
  CHECK(found.rows == "4 {price\n(EUR): 1, a\nb;;;: 2}\n");
}

TEST_CASE("a quote within a cell without quotes stands for itself") {
  CHECK(csv("size,x\n5\" x 7\",1\n,\"y\"\n").rows == "2 {size: 5\" x 7\", x: 1}\n3 {size: , x: y}\n");
}

TEST_CASE("text after a closing quote makes its row wrong and no other") {
  auto const found = csv("a,b\n\"say \"hi\" now\",1\n2,3\n");
  CHECK(found.rows ==
        "2 wrong at 2:7: text follows the quote that ends a cell; within a cell in quotes a quote is written "
        "twice\n"
        "3 {a: 2, b: 3}\n");
}

TEST_CASE("line ends are LF, CR LF or CR, and a byte order mark is no part of the header") {
  auto const rows = "2 {a: 1, b: 2}\n3 {a: 3, b: 4}\n";
  CHECK(csv("a,b\n1,2\n3,4").rows == rows);
  CHECK(csv("\xEF\xBB\xBF"
            "a,b\r\n1,2\r\n3,4\r\n")
            .rows == rows);
  CHECK(csv("a,b\r1,2\r3,4\r").rows == rows);
}

TEST_CASE("a carriage return at the end of a piece that is read is no line of its own") {
  for (std::size_t shift = 0; shift < 5; ++shift) {
    auto text = "a,b" + std::string(shift, ' ') + "\r\n";
    int lines = 1;
    for (; text.size() < 300u << 10; ++lines) text += "1,2\r\n";
    auto const found = csv(text);
    CHECK(std::count(found.rows.begin(), found.rows.end(), '\n') == lines - 1);
    CHECK(found.rows.ends_with("\n" + std::to_string(lines) + " {a: 1, b: 2}\n"));
  }
}

TEST_CASE("blank lines and rows of blanks are passed over") {
  CHECK(csv("\n\na,b\n\n1,2\n,\n  , \t\n,,,,\n   \n3,4\n\n").rows == "5 {a: 1, b: 2}\n10 {a: 3, b: 4}\n");
}

TEST_CASE("a ragged row is wrong with its line, the others are not") {
  auto const found = csv("a,b,c\n1,2\n\n3,4,5\n6,7,8,9\n");
  CHECK(
      found.rows ==
      "2 wrong at 2:1: this row has 2 cells, the header has 3; a cell with a separator in it wants quotes\n"
      "4 {a: 3, b: 4, c: 5}\n"
      "5 wrong at 5:7: this row has 4 cells, the header has 3; a cell with a separator in it wants quotes\n");
  CHECK(found.trouble.empty());
}

TEST_CASE("a control character makes its row wrong") {
  CHECK(csv("a\nx\x07y\nz\n").rows ==
        "2 wrong at 2:1: in column 'a': the control character U+0007 cannot stand in a text; take it out\n3 "
        "{a: z}\n");
}

TEST_CASE("header names are trimmed, and refused by number when empty or doubled") {
  CHECK(csv(" a , b\t\n1,2\n").columns == Names{"a", "b"});
  CHECK(csv("\na,,c\n1,2,3\n").trouble == "2:3: column 2 has no name in the header; give it one");
  CHECK(csv("a,b, a\n").trouble == "1:5: columns 1 and 3 are both named 'a'; rename one");
  CHECK(csv("a,b,\n").trouble == "1:5: column 3 has no name in the header; give it one");
}

TEST_CASE("bytes that are not utf-8 are trouble with their line, column and remedy") {
  auto const found = csv("a,b\n1,2\nM\xC3\xBCnchen,caf\xE9\n");
  CHECK(found.rows == "2 {a: 1, b: 2}\n");
  CHECK(found.trouble == "3:12: byte 0xE9 is not UTF-8; save as CSV UTF-8");
  CHECK(jsonl("{\"a\": \"caf\xE9\"}\n").trouble == "1:11: byte 0xE9 is not UTF-8; save as UTF-8");
}

TEST_CASE("utf-16 and workbooks are named as such") {
  auto const utf16 = "1:1: this file is UTF-16; save as CSV UTF-8";
  CHECK(csv(std::string_view{"\xFF\xFE"
                             "a\0,\0b\0\n\0",
                             10})
            .trouble == utf16);
  CHECK(csv(std::string_view{"\xFE\xFF\0a\0,\0b\0\n", 10}).trouble == utf16);
  CHECK(csv(std::string_view{"a\0,\0b\0\n\0", 8}).trouble == utf16);
  CHECK(csv("PK\x03\x04zip").trouble ==
        "1:1: this file is a workbook or another kind of zip; save as CSV UTF-8");
}

TEST_CASE("an empty file is trouble, one with nothing but a header has no rows") {
  auto const empty = "0:0: it is empty; its first line names the columns";
  CHECK(csv("").trouble == empty);
  CHECK(csv("\xEF\xBB\xBF").trouble == empty);
  CHECK(csv("sep=;\n").trouble == empty);
  CHECK(csv("\n \n,,\n").trouble == empty);
  CHECK(csv("a,b").trouble.empty());
  CHECK(jsonl(" \n\n").trouble == "0:0: it is empty; it holds one object a line");
}

TEST_CASE("a quote that is never closed is trouble where its cell begins") {
  auto const found = csv("a,b\n1,2\n3,\"four\n5,6\n7,8\n");
  CHECK(found.rows == "2 {a: 1, b: 2}\n");
  CHECK(found.trouble == "3:3: a quote is opened in this row and never closed");
  CHECK(csv("a,\"b\n1,2\n").trouble == "1:3: a quote is opened in this row and never closed");
}

TEST_CASE("a row of more than a mebibyte is trouble") {
  std::string const many_lines = [] {
    std::string text = "a,b\n1,\"";
    while (text.size() < 3u << 20) text += "a line of an ordinary length\n";
    return text;
  }();
  CHECK(csv(many_lines).trouble ==
        "2:3: a row is longer than 1 MiB; is a quote opened here and never closed?");
  std::string const one_line = "a,b\n1," + std::string(3u << 20, 'x') + "\n";
  CHECK(csv(one_line).trouble == "2:1: this line is longer than 1 MiB; is this a file of rows?");
  CHECK(csv("a\n" + std::string((1u << 20) - 1, 'x') + "\ny\n").rows.ends_with("\n3 {a: y}\n"));
}

TEST_CASE("a line of a gibibyte is trouble at its first mebibyte") {
  Folder const folder;
  auto const file = folder.file("");
  REQUIRE(::truncate(file.c_str(), 1L << 30) == 0);
  for (auto const format : {Table::Format::Csv, Table::Format::Jsonl})
    CHECK(read(file, format).trouble == "1:1: this line is longer than 1 MiB; is this a file of rows?");
}

TEST_CASE("nothing but a regular file is read") {
  Folder const folder;
  auto const pipe = folder.path() / "pipe.csv";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  auto const device = "0:0: it is a device or a pipe; rows are read from regular files";
  CHECK(read(pipe, Table::Format::Csv).trouble == device);
  CHECK(read("/dev/zero", Table::Format::Csv).trouble == device);
  CHECK(read(folder.path(), Table::Format::Csv).trouble == "0:0: it is a folder; name a file in it");
  CHECK(read(folder.path() / "none.csv", Table::Format::Jsonl).trouble == "0:0: there is no such file");
}

TEST_CASE("values of jsonl keep their types and numbers their spelling") {
  auto const found = jsonl(
      "{\"t\": \"1\", \"i\": 7, \"f\": 1.50, \"e\": 1E+2, \"b\": true, \"z\": null, \"big\": "
      "123456789012345678901}\n"
      "\n{\"l\": [1, [\"x\"]], \"o\": {\"k\": {}}}\r\n");
  CHECK(found.rows ==
        "1 {t: '1', i: 7, f: 1.50, e: 1E+2, b: true, z: null, big: 123456789012345678901}\n"
        "3 {l: [1, ['x']], o: {k: {}}}\n");
  CHECK(found.columns == Names{"t", "i", "f", "e", "b", "z", "big"});
  CHECK(found.separator == 0);
}

TEST_CASE("a line of jsonl that is no object is wrong, the others are not") {
  auto const found = jsonl(
      "[1]\n5\n{\"a\": 1, \"a\": 2}\n{\"a\": {\"b\": 1, \"b\": 2}}\n{\"a\": \n{\"a\": 1} x\n"
      "{\"a\": \"\\u0000\"}\n{\"a\": 1}\n");
  CHECK(found.rows ==
        "1 wrong at 1:1: each line of JSONL is one object, { … }, not a list\n"
        "2 wrong at 2:1: each line of JSONL is one object, { … }\n"
        "3 wrong at 3:1: the key 'a' stands here twice\n"
        "4 wrong at 4:1: the key 'b' stands here twice\n"
        "5 wrong at 5:7: this is not JSON; each line is one object, such as {\"sku\": \"471\"}\n"
        "6 wrong at 6:10: this is not JSON; each line is one object, such as {\"sku\": \"471\"}\n"
        "7 wrong at 7:1: the control character U+0000 cannot stand in a text; take it out\n"
        "8 {a: 1}\n");
  CHECK(found.columns == Names{"a"});
  CHECK(found.trouble.empty());
}

TEST_CASE("jsonl may be nested, but not without end") {
  CHECK(jsonl("{\"a\": " + std::string(90, '[') + std::string(90, ']') + "}\n").rows.starts_with("1 {a: [["));
  CHECK(jsonl("{\"a\": " + std::string(500000, '[') + "\n").rows ==
        "1 wrong at 1:1: lists and objects are nested more than 100 levels deep\n");
}

TEST_CASE("the columns that could name a row are those of unique values") {
  Folder const folder;
  auto const file = folder.file("sku,kind,ean,name\n1,a,x,\n2,a,y,p\n3,b,z,q\nragged\n");
  CHECK(unique_columns(file, Table::Format::Csv, 0) == Names{"sku", "ean"});
  CHECK(unique_columns(folder.file("a,b\n"), Table::Format::Csv, 0).empty());
  CHECK(unique_columns(folder.file("a\n\xFF\n"), Table::Format::Csv, 0).empty());
  auto const lines =
      folder.file("{\"a\": 1, \"b\": 1, \"c\": [1]}\n{\"b\": 2, \"a\": 2, \"c\": [2]}\n{\"b\": 3}\n");
  CHECK(unique_columns(lines, Table::Format::Jsonl, 0) == Names{"b"});
}

TEST_CASE("equal values are found however far apart they stand") {
  std::string text = "id,twin\n";
  for (int i = 0; i < 5000; ++i) text += std::to_string(i) + "," + std::to_string(i % 4999) + "\n";
  Folder const folder;
  CHECK(unique_columns(folder.file(text), Table::Format::Csv, 0) == Names{"id"});
}

TEST_CASE("a cell of a csv is found again where it begins in its line") {
  Folder const folder;
  Table table{folder.file("\xEF\xBB\xBF"
                          "a;b;c\n1;\"x;\"\"y\"\"\";ü3\nä;\"one\ntwo\r\nthree\";4\n"),
              Table::Format::Csv};
  REQUIRE(table.next());
  CHECK(table.place_of("a") == Place{2, 1});
  CHECK(table.place_of("b") == Place{2, 3});
  CHECK(table.place_of("c") == Place{2, 13});
  CHECK(table.place_of("d") == Place{});
  REQUIRE(table.next());
  CHECK(table.place_of("b") == Place{3, 3});
  CHECK(table.place_of("c") == Place{5, 8});
}

TEST_CASE("a value of jsonl is found again where it begins in its line") {
  Folder const folder;
  Table table{
      folder.file("no\n{\"a\": {\"b\": \"}\"}, \"b\" : \"a\", \"\\u0063\": 3}\n{\"b\":1}\n", "r.jsonl"),
      Table::Format::Jsonl};
  REQUIRE(table.next());
  CHECK(table.place_of("a") == Place{});
  REQUIRE(table.next());
  CHECK(table.place_of("a") == Place{2, 7});
  CHECK(table.place_of("b") == Place{2, 25});
  CHECK(table.place_of("c") == Place{2, 40});
  REQUIRE(table.next());
  CHECK(table.place_of("b") == Place{3, 6});
  CHECK(table.place_of("a") == Place{});
}

TEST_SUITE_END();
