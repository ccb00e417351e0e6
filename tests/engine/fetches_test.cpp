#include "engine/fetches.h"

#include <doctest/doctest.h>

#include "support/place.h"

// Pictures of the web, fetched hop by hop.
TEST_SUITE_BEGIN("engine");

using namespace wanspool;

namespace {

class Desk {
 public:
  Desk() {
    for (auto const* const name : {"files", "parts"}) std::filesystem::create_directory(place_ / name);
    model_.inputs.bytes = 1000;
  }

  Fetches::Stand look(std::string const& address) {
    auto const look = fetches_.look(address, model_, now_);
    words = look.trouble.message;
    fetches_.step(now_);
    return look.stand;
  }
  void answer(int status, std::string const& location) {
    Reply reply;
    reply.ticket = sent.size();
    reply.status = status;
    reply.left = true;
    reply.headers = {{"location", location}};
    REQUIRE(fetches_.hear(reply, now_));
    fetches_.step(now_);
  }

  std::vector<Request> sent;
  std::string words;

 private:
  test::Place place_;
  std::filesystem::path files_ = place_ / "files", parts_ = place_ / "parts";
  Model model_;
  Instant now_{seconds{1'700'000'000}};
  Workers workers_{0};
  std::unique_ptr<Store> store_ = open_store(place_ / "wanspool.db");
  Fetches fetches_{
      files_, parts_, *store_, workers_, Backoff{seconds{1}, seconds{60}}, [this](Request request) {
        sent.push_back(std::move(request));
        return static_cast<std::uint64_t>(sent.size());
      }};
};

using Stand = Fetches::Stand;

}  // namespace

TEST_CASE("every hop of a fetched picture is an address from outside, without a key and with its limit") {
  Desk desk;
  CHECK(desk.look("https://pictures.example/a") == Stand::Waiting);
  desk.answer(302, "http://10.0.0.1/inside");
  desk.answer(307, "../elsewhere");
  REQUIRE(desk.sent.size() == 3);
  CHECK(desk.sent[1].url == "http://10.0.0.1/inside");
  CHECK(desk.sent[2].url == "http://10.0.0.1/elsewhere");
  for (auto const& each : desk.sent) {
    CHECK(each.origin == Origin::Foreign);  // judged by the room net/ on the address that it connects to
    CHECK(each.body_limit == 1000);
    for (auto const& header : each.headers) CHECK(header.name == "Accept");
  }
}

TEST_CASE("a fetched picture is sent from one address to the next five times at most") {
  Desk desk;
  desk.look("https://pictures.example/0?token=s3cret");
  for (int hop = 1; hop <= 6; ++hop) desk.answer(302, "/" + std::to_string(hop) + "?token=s3cret");
  CHECK(desk.sent.size() == 6);
  CHECK(desk.look("https://pictures.example/0?token=s3cret") == Stand::Lost);
  CHECK(desk.words.find("without an end") != std::string::npos);
  CHECK(desk.words.find("s3cret") == std::string::npos);
}
