#include <doctest/doctest.h>

#include <map>
#include <random>

#include "provider/invariants.h"
#include "provider/replies.h"

using namespace wanspool;

TEST_SUITE_BEGIN("provider");

namespace {

std::vector<std::string> samples() {
  std::map<std::string, std::string> bodies;  // in an order that no file system changes
  for (auto const& entry : std::filesystem::directory_iterator{kSamples}) {
    auto const name = entry.path().filename().string();
    bodies[name] = sample(name);
  }
  std::vector<std::string> all;
  for (auto& [name, body] : bodies) all.push_back(std::move(body));
  return all;
}

// The same strokes from the same seed everywhere: the library's distributions are not the same everywhere.
class Vandal {
 public:
  explicit Vandal(std::vector<std::string> const& known) : known_{known} {}

  std::string body() {
    auto text = known_[below(known_.size())];
    for (auto strokes = 1 + below(4); strokes > 0; --strokes) stroke(text);
    return text;
  }
  std::size_t below(std::size_t end) { return end == 0 ? 0 : static_cast<std::size_t>(random_() % end); }

 private:
  void stroke(std::string& text) {
    static std::vector<std::string> const kWords{"null",        "{}",
                                                 "[]",          "-1",
                                                 "1e400",       "18446744073709551615",
                                                 "\"\"",        "\\u0000",
                                                 "\\ud800",     "\xff",
                                                 "\x1b[2J",     "\"code\":\"Throttling\",",
                                                 "\"output\":", "\"task_status\":\"SUCCEEDED\",",
                                                 "Expires=",    "base64,",
                                                 "<Code>"};
    auto const at = below(text.size()), size = below(std::min<std::size_t>(text.size() - at, 40));
    switch (below(6)) {
      case 0:
        if (!text.empty()) text[at] = static_cast<char>(below(256));
        break;
      case 1:
        text.erase(at, size);
        break;
      case 2:
        text.insert(at, text.substr(below(text.size()), size));
        break;
      case 3:
        text.replace(at, size, kWords[below(kWords.size())]);
        break;
      case 4:
        text.insert(at, kWords[below(kWords.size())]);
        break;
      case 5: {
        auto const& other = known_[below(known_.size())];
        text = text.substr(0, at) + other.substr(below(other.size()));
        break;
      }
    }
  }

  std::vector<std::string> const& known_;
  std::mt19937_64 random_{20260805};
};

}  // namespace

TEST_CASE("whatever is done to a recorded body, nothing is read out of it that cannot be") {
  static std::vector<int> const kStatuses{200, 200, 200, 400, 401, 403, 404, 408, 429, 500, 503, 504};
  auto const known = samples();
  REQUIRE(known.size() > 40);
  Vandal vandal{known};
  for (int round = 0; round < 15'000; ++round) {
    auto const body = vandal.body();
    auto reply = answer(kStatuses[vandal.below(kStatuses.size())], body);
    reply.headers = {{"x-request-id", body.substr(0, 40)}, {"retry-after", body.substr(0, 20)}};
    if (vandal.below(10) == 0) reply.failure = "the connection was reset";
    if (vandal.below(20) == 0) reply.left = false;
    if (!reply.left) reply.failure = "no such host";
    Invariants const found{reply};
    CAPTURE(round);
    CAPTURE(body);
    CAPTURE(reply.status);
    REQUIRE(found.broken() == "");
  }
}
