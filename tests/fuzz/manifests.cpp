// libFuzzer's bytes as a manifest. Behind a NUL, if there is one, stand the rows that it may name; every
// other file is missing. What is taken must be good, and must be taken again alike.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/schema.h"
#include "manifest/manifest.h"
#include "memory_file.h"

namespace {

using namespace wanspool;

constexpr std::size_t kEnough = 2000;  // jobs of one manifest

struct Enough {};

struct Read {
  ManifestHead head;
  std::string jobs;  // what was handed over, as far as two readings can be told apart by it
  bool broken_off = false;
};

[[noreturn]] void broken(char const* what) {
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

Models const& models() {
  static auto const table = read_models(schema_file("models.yaml"), "models.yaml");
  return table;
}

// As if any pattern found these.
FoundFiles list(std::string const& pattern) {
  if (pattern.find("..") != std::string::npos) return {{}, "it lies outside"};
  return {{"refs/a.png", "refs/${b}.jpg", "c"}};
}

Read read(std::string_view text, FindFile const& find) {
  Read read;
  std::size_t count = 0;
  try {
    read.head =
        read_manifest({text, "m.yaml", "", find, {}, {}, list}, models(), [&](ManifestJob const& job) {
          if (job.id.empty() || job.id.front() == '.' || job.id.find("/.") != std::string::npos ||
              job.id.find("//") != std::string::npos || job.id.back() == '/')
            broken("a job's name could leave its folder");
          if (!job.place.empty() &&
              (job.place.front() == '/' || ("/" + job.place).find("/.") != std::string::npos))
            broken("a picture's path could leave its folder");
          if (job.pictures < 1) broken("a job without pictures");
          if (!models().contains(job.request.model)) broken("a job of no model");
          read.jobs +=
              job.id + '\n' + job.request.prompt + '\n' + job.request.verbatim + '\n' + job.vars + '\n';
          if (++count == kEnough) throw Enough{};
        });
  } catch (Enough const&) {
    read.broken_off = true;
  }
  return read;
}

void check(Read const& read) {
  if (read.broken_off) return;
  if (read.head.ok() && read.head.jobs == 0) broken("taken without a job");
  if (read.head.ok() && read.head.name.empty()) broken("taken without a name");
  if (read.head.complaints.size() > 101) broken("more complaints than are promised");
  for (auto const& each : read.head.complaints)
    if (each.text.empty() || each.file.empty()) broken("a complaint without words");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
  std::string_view const bytes{reinterpret_cast<char const*>(data), size};
  auto const end = std::min(bytes.find('\0'), bytes.size());
  auto const text = bytes.substr(0, end);
  fuzz::MemoryFile const rows{bytes.substr(std::min(end + 1, bytes.size()))};
  auto const find = [&](std::string const& written) -> FoundFile {
    if (written.find("..") != std::string::npos) return {{}, "it lies outside"};
    if (written.find("missing") != std::string::npos) return {"/nowhere/at/all", {}};
    return {rows.path(), {}};
  };
  auto const first = read(text, find), second = read(text, find);
  check(first);
  if (first.jobs != second.jobs) broken("read twice, two results");
  is_command(text);
  read_command(text, "c.yaml");
  return 0;
}
