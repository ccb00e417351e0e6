#include "engine/uploads.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "base/files.h"
#include "base/sha256.h"
#include "support/place.h"

// Each picture goes up once, whoever wants it and whatever goes wrong.
TEST_SUITE_BEGIN("engine");

using namespace wanspool;

namespace {

constexpr char kLeave[] =
    R"({"data":{"policy":"p","signature":"s","upload_dir":"dir","upload_host":"https://store","expire_in_seconds":300,)"
    R"("oss_access_key_id":"k","x_oss_object_acl":"private","x_oss_forbid_overwrite":"true"}})";

class Desk {
 public:
  Instant now{seconds{1'700'000'000}};
  std::vector<Request> sent;
  std::vector<std::string> told;
  std::string allowed;  // the one host that pictures may go to; "": any

  Desk() { reopen(); }
  void reopen() {
    uploads_.reset();
    store_.reset();
    store_ = open_store(place_ / "wanspool.db");
    uploads_.emplace(
        *store_, workers_, Backoff{seconds{1}, seconds{60}},
        Uploads::Outside{
            [this](std::string const& account) -> provider::Endpoint const& {
              return endpoints_.at(account);
            },
            [this](Request request) {
              sent.push_back(std::move(request));
              return ++tickets_;
            },
            [this](LaneKey const&, Trouble const& trouble) { told.push_back(trouble.code); },
            [this](std::string const& url) { return allowed.empty() || url == allowed ? "" : "not there"; }});
  }
  Content content(std::string const& bytes) {
    auto const name = sha256_hex(bytes) + ".png";
    auto const file = place_ / name;
    if (!std::filesystem::exists(file)) write_file_safely(file, bytes);
    return {name, {file}};
  }
  Uploads::Look look(Content const& wanted, std::string const& model = "wan2.6-image",
                     std::string const& account = {}) {
    auto const look = uploads_->look({account, model}, wanted, now);
    uploads_->step(now);
    workers_.collect();
    return look;
  }
  // Answers the oldest request that was not answered.
  void answer(int status, std::string body = {}) {
    Reply reply;
    reply.ticket = ++answered_;
    reply.status = status;
    reply.left = true;
    reply.body = std::move(body);
    REQUIRE(uploads_->hear(reply, now));
    uploads_->step(now);
    workers_.collect();
  }
  void commit() {
    Batch batch;
    batch.uploads = uploads_->news();
    batch.at = now;
    store_->commit(batch);
    uploads_->committed();
  }
  Uploads& uploads() { return *uploads_; }

 private:
  test::Place place_;
  std::map<std::string, provider::Endpoint> endpoints_{
      {"", {"https://h/api/v1", "sk", {}}}, {"studio", {"https://studio.example/api/v1", "sk-studio", {}}}};
  Workers workers_{0};
  std::unique_ptr<Store> store_;
  std::optional<Uploads> uploads_;
  std::uint64_t tickets_ = 0, answered_ = 0;
};

using Stand = Uploads::Stand;

}  // namespace

TEST_CASE("a picture goes up once however often it is wanted") {
  Desk desk;
  auto const cat = desk.content("cat");
  for (int i = 0; i < 3; ++i) CHECK(desk.look(cat).stand == Stand::Waiting);
  desk.answer(200, kLeave);
  desk.answer(200);
  auto const look = desk.look(cat);
  CHECK(look.stand == Stand::There);
  CHECK(look.address == "oss://dir/1-" + cat.name);
  CHECK(desk.sent.size() == 2);
}

TEST_CASE("one leave serves several pictures of a model, and each model has its own") {
  Desk desk;
  auto const cat = desk.content("cat"), dog = desk.content("dog");
  desk.look(cat);
  desk.look(dog);
  desk.answer(200, kLeave);
  CHECK(desk.sent.size() == 3);
  desk.look(cat, "qwen-image");
  CHECK(desk.sent.size() == 4);
  CHECK(desk.sent.back().url.find("qwen") != std::string::npos);
}

TEST_CASE("a leave that is about to end is not used") {
  Desk desk;
  desk.look(desk.content("cat"));
  desk.answer(200, kLeave);
  desk.answer(200);
  desk.now += seconds{271};
  desk.look(desk.content("dog"));
  CHECK(desk.sent.size() == 3);
  CHECK(desk.sent.back().method == Method::Get);
}

TEST_CASE("what lies there is known after a restart, and not longer than it is safe to use") {
  Desk desk;
  auto const cat = desk.content("cat");
  desk.look(cat);
  desk.answer(200, kLeave);
  desk.answer(200);
  desk.commit();
  desk.reopen();
  CHECK(desk.look(cat).stand == Stand::There);
  desk.now += hours{43};
  CHECK(desk.look(cat).stand == Stand::There);
  desk.now += hours{1};
  CHECK(desk.look(cat).stand == Stand::Waiting);
}

TEST_CASE("what the service could not read goes up anew, but not what was renewed since") {
  Desk desk;
  auto const cat = desk.content("cat");
  desk.look(cat);
  desk.answer(200, kLeave);
  desk.answer(200);
  auto const sent = desk.now + seconds{1};
  desk.now += seconds{2};
  desk.uploads().forget({"", "wan2.6-image"}, cat, sent, desk.now);
  CHECK(desk.look(cat).stand == Stand::Waiting);
  desk.answer(200);
  CHECK(desk.look(cat).address == "oss://dir/2-" + cat.name);
  desk.uploads().forget({"", "wan2.6-image"}, cat, sent, desk.now);
  CHECK(desk.look(cat).stand == Stand::There);
}

TEST_CASE("an upload that broke off is tried again under another name, later each time") {
  Desk desk;
  auto const cat = desk.content("cat");
  desk.look(cat);
  desk.answer(200, kLeave);
  desk.answer(503, "busy");
  CHECK(desk.look(cat).stand == Stand::Waiting);
  CHECK(desk.sent.size() == 2);
  CHECK(desk.uploads().next_step(desk.now) > desk.now);
  CHECK_FALSE(desk.uploads().complaint().empty());
  desk.now += seconds{2};
  desk.look(cat);
  REQUIRE(desk.sent.size() == 3);
  CHECK(desk.sent.back().body.find("dir/2-" + cat.name) != std::string::npos);
  desk.answer(200);
  CHECK(desk.look(cat).stand == Stand::There);
  CHECK(desk.uploads().complaint().empty());
}

TEST_CASE("a leave that the storage does not believe is asked for anew") {
  Desk desk;
  desk.look(desk.content("cat"));
  desk.answer(200, kLeave);
  desk.answer(403, "<Error><Code>AccessDenied</Code><Message>Policy expired.</Message></Error>");
  desk.now += seconds{2};
  desk.look(desk.content("cat"));
  CHECK(desk.sent.back().method == Method::Get);
}

TEST_CASE("a key that is refused is told, and asked for again later") {
  Desk desk;
  desk.look(desk.content("cat"));
  desk.answer(401, R"({"code":"InvalidApiKey","message":"no"})");
  CHECK(desk.told == std::vector<std::string>{"InvalidApiKey"});
  desk.look(desk.content("cat"));
  CHECK(desk.sent.size() == 1);
  desk.now += seconds{2};
  desk.look(desk.content("cat"));
  CHECK(desk.sent.size() == 2);
}

TEST_CASE("a file that is not what it was is lost, and looked for again by whoever wants it next") {
  Desk desk;
  auto const cat = desk.content("cat");
  write_file_safely(cat.places.front(), "dog");
  desk.look(cat);
  desk.answer(200, kLeave);
  auto const look = desk.look(cat);
  CHECK(look.stand == Stand::Lost);
  CHECK(look.trouble.code == "InputMissing");
  CHECK(look.trouble.message.find("is not as it was any more") != std::string::npos);
  CHECK(desk.sent.size() == 1);
  write_file_safely(cat.places.front(), "cat");
  CHECK(desk.look(cat).stand == Stand::Waiting);
  CHECK(desk.sent.size() == 2);
}

TEST_CASE("the first of several places that has the bytes is taken") {
  Desk desk;
  auto cat = desk.content("cat");
  auto const dog = desk.content("dog");
  cat.places.insert(cat.places.begin(), {"/nowhere/cat.png", dog.places.front()});
  desk.look(cat);
  desk.answer(200, kLeave);
  REQUIRE(desk.sent.size() == 2);
  CHECK(desk.sent.back().body.find("\r\n\r\ncat\r\n--") != std::string::npos);
}

TEST_CASE("no more goes up at once than memory is meant for") {
  Desk desk;
  for (int i = 0; i < 9; ++i) desk.look(desk.content("picture " + std::to_string(i)));
  desk.answer(200, kLeave);
  CHECK(desk.sent.size() == 5);
  desk.answer(200);
  CHECK(desk.sent.size() == 6);
}

TEST_CASE("what lies there for one account is put there once more for another, with that one's key") {
  Desk desk;
  auto const cat = desk.content("cat");
  CHECK(desk.look(cat).stand == Stand::Waiting);
  desk.answer(200, kLeave);
  desk.answer(200);
  auto const first = desk.look(cat);
  CHECK(first.stand == Stand::There);
  CHECK(desk.look(cat, "wan2.6-image", "studio").stand == Stand::Waiting);
  REQUIRE(desk.sent.size() == 3);
  auto const& leave = desk.sent.back();
  CHECK(leave.url.starts_with("https://studio.example/api/v1"));
  CHECK(std::any_of(leave.headers.begin(), leave.headers.end(),
                    [](Header const& each) { return each.value == "Bearer sk-studio"; }));
  desk.answer(200, kLeave);
  desk.answer(200);
  CHECK(desk.look(cat, "wan2.6-image", "studio").address != first.address);
}

TEST_CASE("after a stop each account knows its own uploads alone") {
  Desk desk;
  auto const cat = desk.content("cat");
  desk.look(cat);
  desk.answer(200, kLeave);
  desk.answer(200);
  desk.commit();
  desk.reopen();
  CHECK(desk.look(cat).stand == Stand::There);
  CHECK(desk.look(cat, "wan2.6-image", "studio").stand == Stand::Waiting);
}

TEST_CASE("no picture goes to a host that is not known to be the service's storage, and it says so") {
  Desk desk;
  desk.allowed = "https://elsewhere";
  auto const cat = desk.content("cat");
  desk.look(cat);
  desk.answer(200, kLeave);
  CHECK(desk.sent.size() == 1);  // the leave alone
  CHECK(desk.look(cat).stand == Stand::Waiting);
  CHECK(desk.uploads().complaint() == "not there");
  desk.allowed = "https://store";
  desk.now += minutes{2};
  desk.look(cat);
  desk.answer(200, kLeave);
  desk.answer(200);
  CHECK(desk.look(cat).stand == Stand::There);
  CHECK(desk.uploads().complaint() == "");
}
