// libFuzzer's bytes as a picture file. What is told of it is possible, and is told again alike whatever
// pieces it is read in.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "engine/picture_header.h"

namespace {

using namespace wanspool;

[[noreturn]] void broken(char const* what) {
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

PictureHeader read(std::string_view bytes) {
  return read_picture_header(static_cast<std::int64_t>(bytes.size()),
                             [&](std::int64_t at, char* to, std::size_t most) -> std::size_t {
                               if (at < 0 || static_cast<std::size_t>(at) > bytes.size())
                                 broken("read outside of it");
                               auto const rest = bytes.substr(static_cast<std::size_t>(at));
                               auto const count = std::min(most, rest.size());
                               if (count > 0) std::memcpy(to, rest.data(), count);
                               return count;
                             });
}

void check(PictureHeader const& header, std::size_t size) {
  bool const good = header.why_not.empty();
  if (good && (header.width < 1 || header.height < 1)) broken("a picture without sides");
  if (good && header.format == PictureHeader::Format::None) broken("a picture of no format");
  if (good && size < 18) broken("a picture of nothing");
  if (!good && header.why_not.size() > 300) broken("words without an end");
  for (unsigned char const c : header.why_not)
    if (c < 0x20 || c >= 0x7F) broken("words that no terminal should see");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
  std::string_view const bytes{reinterpret_cast<char const*>(data), size};
  auto const first = read(bytes), second = read(bytes);
  check(first, size);
  if (first.width != second.width || first.height != second.height || first.why_not != second.why_not)
    broken("read twice, two results");
  // What follows a good picture is none of its business.
  auto const longer = read(std::string{bytes} + "more");
  if (first.why_not.empty() && !longer.why_not.empty()) broken("more of it is worse");
  return 0;
}
