// libFuzzer's bytes as the body of a reply, and their first line as its headers, through every reader.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "provider/invariants.h"

namespace {

using namespace wanspool;

Reply reply_of(std::string const& bytes, int status, bool cut) {
  Reply reply;
  reply.left = true;
  reply.status = status;
  reply.body = bytes;
  auto const line = bytes.substr(0, bytes.find('\n'));
  reply.headers = {{"retry-after", line}, {"date", line}, {"x-request-id", line}};
  if (cut) reply.failure = line.empty() ? "cut" : line;
  return reply;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
  static constexpr std::array kStatuses{200, 400, 403, 429, 503};
  std::string const bytes{reinterpret_cast<char const*>(data), size};
  auto const check = [&](int status, bool cut) {
    auto const reply = reply_of(bytes, status, cut);
    Invariants const found{reply};
    if (found.broken().empty()) return;
    std::fprintf(stderr, "HTTP %d%s: broken: %s\n", status, cut ? ", cut" : "", found.broken().c_str());
    std::abort();
  };
  for (auto const status : kStatuses) check(status, false);
  check(200, true);
  return 0;
}
