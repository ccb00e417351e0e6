#include "app/names.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <sstream>

#include "base/glob.h"

using namespace wanspool;
using namespace wanspool::app;

TEST_SUITE_BEGIN("app");

namespace {

Spool spool_at(std::string const& root) {
  return Spool::at(root);
}

}  // namespace

TEST_CASE("a star stays within one part of a name") {
  CHECK(glob_matches("cats/*", "cats/hero"));
  CHECK(glob_matches("cats/h*o", "cats/hero"));
  CHECK(glob_matches("cats/*/red", "cats/menu/red"));
  CHECK_FALSE(glob_matches("cats/*", "cats/menu/red"));
  CHECK_FALSE(glob_matches("*", "cats/hero"));
}

TEST_CASE("two stars go across parts") {
  CHECK(glob_matches("**", "cats/menu/red"));
  CHECK(glob_matches("cats/**", "cats/menu/red"));
  CHECK(glob_matches("**/red", "cats/menu/red"));
  CHECK(glob_matches("cats/**/red", "cats/menu/wc/red"));
  CHECK(glob_matches("c**d", "cats/menu/red"));
}

TEST_CASE("two stars and a slash stand for no part as well") {
  CHECK(glob_matches("cats/**/red", "cats/red"));
  CHECK(glob_matches("**/red", "red"));
  CHECK_FALSE(glob_matches("cats/**/red", "cats/bored"));
}

TEST_CASE("a glob without an end in sight is answered at once") {
  std::string const name(2000, 'a');
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  CHECK(glob_matches(pattern, name));
  CHECK_FALSE(glob_matches(pattern + "b", name));
}

TEST_CASE("a prefix means everything below it and nothing beside it") {
  Names names{{"cats/menu"}};
  CHECK(names.match("cats/menu"));
  CHECK(names.match("cats/menu/red"));
  CHECK_FALSE(names.match("cats/menus"));
  CHECK_FALSE(names.match("cats"));
}

TEST_CASE("no words mean all jobs") {
  Names names;
  CHECK(names.match("cats/hero"));
  CHECK(names.manifests().empty());
  CHECK(names.unmatched().empty());
}

TEST_CASE("words that have found nothing are named") {
  Names names{{"cats", "dogs", "c*/hero", "d*/x"}};
  names.match("cats/hero");
  CHECK(names.unmatched() == std::vector<std::string>{"dogs", "d*/x"});
}

TEST_CASE("only manifests that can hold a match are read") {
  CHECK(Names{{"cats/hero", "dogs/**"}}.manifests() == std::set<std::string>{"cats", "dogs"});
  CHECK(Names{{"cats/hero", "*/hero"}}.manifests().empty());
}

TEST_CASE("a path below out means the job whose folder it is") {
  auto const spool = spool_at("/srv/spool");
  CHECK(job_word("spool/out/cats/hero/image-1.png", "/srv", spool) == "cats/hero");
  CHECK(job_word("./out/cats/hero/", "/srv/spool", spool) == "cats/hero");
  CHECK(job_word("/srv/spool/out/cats/hero/result.json", "/elsewhere", spool) == "cats/hero");
  CHECK(job_word("../out/cats", "/srv/spool/inbox", spool) == "cats");
  CHECK(job_word("out", "/srv/spool", spool) == "**");
}

TEST_CASE("inside of out a name that is no path there is a name") {
  auto const root = std::filesystem::temp_directory_path() / "wanspool-names-test";
  std::filesystem::create_directories(root / "out/cats/hero");
  auto const spool = Spool::at(root);
  CHECK(job_word("hero", spool.out / "cats", spool) == "cats/hero");
  CHECK(job_word("dogs/rex", spool.out / "cats", spool) == "dogs/rex");
  CHECK(job_word("out/cats/hero", "/", spool) == "cats/hero");
  std::filesystem::remove_all(root);
}

TEST_CASE("a folder below out is a job's even where it is called as a file of one is") {
  auto const root = std::filesystem::temp_directory_path() / "wanspool-names-test";
  std::filesystem::create_directories(root / "out/cats/rows/image-7.png");
  CHECK(job_word("out/cats/rows/image-7.png", root, Spool::at(root)) == "cats/rows/image-7.png");
  CHECK(job_word("out/cats/rows/image-8.png", root, Spool::at(root)) == "cats/rows");
  CHECK(job_word("out/cats/rows/image-8", root, Spool::at(root)) == "cats/rows/image-8");
  std::filesystem::remove_all(root);
}

TEST_CASE("names are normalised as a manifest's are and globs keep their stars") {
  auto const spool = spool_at("/srv/spool");
  CHECK(job_word("Cats/My Hero", "/srv", spool) == "cats/my-hero");
  CHECK(job_word("cats/*/r**", "/srv", spool) == "cats/*/r**");
}

TEST_CASE("a dash stands for the names on standard input") {
  std::istringstream in{"cats/hero\r\n\ndogs\n"};
  CHECK(job_words({"birds", "-"}, in, "/srv", spool_at("/srv/spool")) ==
        std::vector<std::string>{"birds", "cats/hero", "dogs"});
}

TEST_SUITE_END();
