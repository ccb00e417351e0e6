#include <string>

#include "manifest/reading.h"

using namespace wanspool;

TEST_SUITE_BEGIN("manifest");

TEST_CASE("a name keeps letters and digits of every script and lowers ASCII alone") {
  CHECK(normal_name("Stir Fry") == "stir-fry");
  CHECK(normal_name("番茄炒蛋 2") == "番茄炒蛋-2");
  CHECK(normal_name("Ünder_Öl.v2") == "Ünder_Öl.v2");
  CHECK(normal_name("हिन्दी चित्र") == "हिन्दी-चित्र");
  CHECK(normal_name("קפה/שחור") == "קפה-שחור");
}

TEST_CASE("any other run in a name becomes one hyphen, and the ends are trimmed") {
  CHECK(normal_name("  a /&! b  ") == "a-b");
  CHECK(normal_name("../../etc/passwd") == "etc-passwd");
  CHECK(normal_name("-.-a.-") == "a.");
  CHECK(normal_name("a--b") == "a--b");
  CHECK(normal_name("🍅") == "");
  CHECK(normal_name("...") == "");
  CHECK(normal_name("") == "");
}

TEST_CASE("two spellings of one letter are one name") {
  CHECK(normal_name("cafe\u0301") == normal_name("caf\u00E9"));
  CHECK(normal_name("\u212A") == "k");
  CHECK(normal_name("H\u0331") == normal_name("h\u0331"));
}

TEST_CASE("a mark without a letter before it is no part of a name") {
  CHECK(normal_name("\u0301a") == "a");
  CHECK(normal_name("a.\u0301b") == "a.-b");
}

TEST_CASE("bytes that are not UTF-8 are not kept in a name") {
  CHECK(normal_name("a\xFF\xFE"
                    "b") == "a--b");
  CHECK(normal_name("a\xE4") == "a");
}

TEST_CASE("a name of over 80 bytes is cut between characters and told apart by its hash") {
  auto const long_name = normal_name(std::string(81, 'a'));
  CHECK(long_name.size() == 80);
  CHECK(long_name.starts_with(std::string(73, 'a') + "-"));
  CHECK(long_name != normal_name(std::string(82, 'a')));
  CHECK(normal_name(std::string(80, 'a')) == std::string(80, 'a'));
  std::string chinese;
  for (int i = 0; i < 40; ++i) chinese += "蛋";
  auto const cut = normal_name(chinese);
  CHECK(cut.size() == 79);
  CHECK(cut.starts_with("蛋"));
  CHECK(cut[72] == '-');
}

TEST_CASE("a name that is normal already stays as it is") {
  for (auto const* const each : {"Stir Fry", "H\u0331x", "番茄 炒蛋", "a..b__c--d", "\u212Bngstr\u00F6m"}) {
    auto const once = normal_name(each);
    CHECK(normal_name(once) == once);
  }
  auto const cut = normal_name(std::string(200, 'x'));
  CHECK(normal_name(cut) == cut);
}
