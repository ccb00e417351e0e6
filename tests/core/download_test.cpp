#include <doctest/doctest.h>

#include "core/tasks.h"

using namespace wanspool;
using namespace wanspool::made;
using Kind = Trouble::Kind;

TEST_SUITE_BEGIN("core");

namespace {

constexpr Instant kLater = kStart + minutes{5};

Task with_pieces(std::vector<Answer::Piece> pieces) {
  Answer answer;
  answer.pieces = std::move(pieces);
  answer.image_count = 2;
  return heard(running(), news::Finished{answer, {}}, kLater);
}

}  // namespace

TEST_CASE("pictures are numbered in reading order and text stands between them") {
  auto const task = with_pieces({{"Beat the eggs.", "", {}},
                                 {"", "u1", {}},
                                 {"Then cut ", "", {}},
                                 {"the tomato.", "", {}},
                                 {"", "u2", {}}});
  CHECK(task.document ==
        "Beat the eggs.\n\n![image 1](image-1.png)\n\nThen cut the tomato.\n\n![image 2](image-2.png)\n\n");
  REQUIRE(task.pictures.size() == 2);
  CHECK(task.pictures[0].number == 1);
  CHECK(task.pictures[0].url == "u1");
  CHECK(task.pictures[1].number == 2);
  CHECK(task.pictures[1].url == "u2");
}

TEST_CASE("the pictures of a refill are numbered on from where its job's others end") {
  auto task = running(2);
  task.first = 3;
  Answer answer;
  answer.pieces = {{"Then", "", {}}, {"", "u1", {}}, {"", "u2", {}}};
  answer.image_count = 2;
  task = heard(task, news::Finished{answer, {}}, kLater);
  REQUIRE(task.pictures.size() == 2);
  CHECK(task.pictures[0].number == 3);
  CHECK(task.pictures[1].number == 4);
  CHECK(task.document.find("![image 4](image-4.png)") != std::string::npos);
  CHECK(heard(task, news::PictureSafe{safe_picture(1)}, kLater) == task);
  CHECK(heard(task, news::PictureSafe{safe_picture(5)}, kLater) == task);
  task = heard(task, news::PictureSafe{safe_picture(3)}, kLater);
  CHECK(task.pictures[0].file == "image-3.png");
  task = heard(heard(task, news::PictureMissed{4, trouble(Kind::Fatal)}, kLater), news::Stored{}, kLater);
  CHECK(task.error.message.find("image 4") == 0);
}

TEST_CASE("pictures alone make no document, nor do empty texts between them") {
  CHECK(with_pieces({{"", "u1", {}}, {"", "u2", {}}}).document.empty());
  CHECK(with_pieces({{"", "", {}}, {"", "u1", {}}, {"", "", {}}}).document.empty());
}

TEST_CASE("an answer of text alone is a document without pictures, ready to be stored") {
  auto const task = with_pieces({{"No picture is needed.", "", {}}});
  CHECK(task.document == "No picture is needed.");
  CHECK(task.pictures.empty());
  CHECK(task.complete());
}

TEST_CASE("a task is done once every picture is safe and its result is stored") {
  auto task = heard(downloading(), news::PictureSafe{safe_picture(2)}, kLater);
  CHECK_FALSE(task.complete());
  CHECK(task.pictures_safe() == 1);
  CHECK(heard(task, news::Stored{}, kLater) == task);
  task = heard(task, news::PictureSafe{safe_picture(1)}, kLater);
  CHECK(task.complete());
  CHECK(task.due == kLater);
  CHECK(next(task, kLater).act == Act::Download);
  task = heard(task, news::Stored{}, kLater + seconds{1});
  CHECK(task.state == State::Done);
  CHECK(task.times.done == kLater + seconds{1});
  CHECK(task.spent == kPrice * 2);
  CHECK(task.uncertain == Money{});
}

TEST_CASE("a final task keeps no signed address") {
  for (auto const& task :
       {done(), heard(heard(downloading(1), news::PictureMissed{1, trouble(Kind::Fatal)}, kLater),
                      news::Stored{}, kLater)})
    for (auto const& picture : task.pictures) CHECK(picture.url.empty());
}

TEST_CASE("a picture that was cut or damaged is fetched again, ever more rarely, until it was tried enough") {
  Policy policy;
  auto task = downloading(1);
  for (int i = 1; i < policy.tries_most; ++i) {
    task = heard(task, news::PictureMissed{1, trouble(Kind::Retry)}, kLater, policy);
    REQUIRE_FALSE(task.complete());
    REQUIRE(task.due > kLater);
    CHECK(task.pictures[0].tries == i);
    CHECK(next(task, kLater).act == Act::Download);
  }
  task = heard(task, news::PictureMissed{1, trouble(Kind::Retry)}, kLater, policy);
  CHECK(task.complete());
  CHECK(task.pictures[0].lost == "words");
  CHECK(task.due == kLater);
  CHECK(next(task, kLater).act == Act::Download);
}

TEST_CASE("a network that is away costs a picture none of its tries") {
  auto task = downloading(1);
  for (int i = 0; i < 1000; ++i)
    task = heard(task, news::PictureMissed{1, trouble(Kind::Lane)}, kLater + minutes{i});
  CHECK(task.pictures[0].tries == 0);
  CHECK(task.pictures[0].lost.empty());
}

TEST_CASE("a download's Retry-After is honoured up to the cap") {
  Policy policy;
  auto const wait = [&](milliseconds asked) {
    return heard(downloading(), news::PictureMissed{1, trouble(Kind::Lane, asked)}, kLater, policy).due -
           kLater;
  };
  CHECK(wait(minutes{5}) == minutes{5});
  CHECK(wait(hours{24 * 21}) == policy.retry_after_most);
}

TEST_CASE("an expired address is asked for again and the picture then fetched from the new one") {
  auto task = heard(downloading(), news::PictureSafe{safe_picture(1)}, kLater);
  task = heard(task, news::PictureMissed{2, trouble(Kind::Retry), true}, kLater);
  CHECK(task.ask_again);
  CHECK(next(task, kLater).act == Act::Poll);
  auto answer = answer_of(2);
  answer.pieces[1].url = "fresh";
  answer.pieces[1].expires = kLater + hours{24};
  task = heard(task, news::Finished{answer, {}}, kLater + seconds{1});
  CHECK_FALSE(task.ask_again);
  CHECK(task.state == State::Downloading);
  CHECK(task.pictures[0].file == "image-1.png");
  CHECK(task.pictures[1].url == "fresh");
  CHECK(task.pictures[1].expires == kLater + hours{24});
  CHECK(task.spent == kPrice * 2);
  CHECK(next(task, kLater + seconds{1}).act == Act::Download);
}

TEST_CASE("addresses that always come expired are given up after as many tries as anything else") {
  Policy policy;
  auto task = downloading(1);
  int rounds = 0;
  while (!task.complete() && rounds < 100) {
    ++rounds;
    task = heard(task, news::PictureMissed{1, trouble(Kind::Retry), true}, kLater, policy);
    task = heard(task, news::Finished{answer_of(1), {}}, kLater, policy);
  }
  CHECK(rounds == policy.tries_most);
}

TEST_CASE("a fresh answer with fewer or more pictures changes neither their number nor the money") {
  for (int const pictures : {0, 1, 5}) {
    auto const task = heard(asking(2), news::Finished{answer_of(pictures), {}}, kLater);
    CHECK(task.pictures.size() == 2);
    CHECK(task.spent == kPrice * 2);
    CHECK_FALSE(task.ask_again);
  }
}

TEST_CASE("a lost picture fails its task and only its own money is uncertain") {
  auto task = heard(downloading(3), news::PictureMissed{2, trouble(Kind::Fatal)}, kLater);
  CHECK(task.state == State::Downloading);
  task = heard(task, news::PictureMissed{3, trouble(Kind::Lane)}, kLater);
  task = heard(task, news::PictureSafe{safe_picture(1)}, kLater);
  task = heard(task, news::PictureSafe{safe_picture(3)}, kLater);
  REQUIRE(task.complete());
  task = heard(task, news::Stored{}, kLater);
  CHECK(task.state == State::Failed);
  CHECK(task.spent == kPrice * 2);
  CHECK(task.uncertain == kPrice);
  CHECK(task.error.kind == Kind::Fatal);
  CHECK(task.error.message == "image 2 was paid for and did not come: words");
}

TEST_CASE("a late miss takes nothing from a picture that is already safe or already lost") {
  auto const safe = heard(downloading(), news::PictureSafe{safe_picture(1)}, kLater);
  CHECK(heard(safe, news::PictureMissed{1, trouble(Kind::Fatal)}, kLater) == safe);
  CHECK(heard(safe, news::PictureMissed{1, trouble(Kind::Retry), true}, kLater) == safe);
  auto const lost = heard(downloading(), news::PictureMissed{1, trouble(Kind::Fatal)}, kLater);
  CHECK(heard(lost, news::PictureMissed{1, trouble(Kind::Retry), true}, kLater) == lost);
}

TEST_CASE("a picture that comes after it was given up is safe all the same") {
  auto task = heard(downloading(1), news::PictureMissed{1, trouble(Kind::Fatal)}, kLater);
  task = heard(task, news::PictureSafe{safe_picture(1)}, kLater);
  task = heard(task, news::Stored{}, kLater);
  CHECK(task.state == State::Done);
  CHECK(task.spent == kPrice);
}

TEST_CASE(
    "when the provider has forgotten the task, pictures still to come are lost and safe ones stay paid") {
  auto task = heard(asking(3), news::PictureSafe{safe_picture(3)}, kLater);
  task = heard(task, news::Vanished{}, task.times.accepted + hours{25});
  CHECK(task.state == State::Downloading);
  CHECK(task.complete());
  CHECK_FALSE(task.ask_again);
  CHECK(next(task, task.due).act == Act::Download);
  task = heard(task, news::Stored{}, task.due);
  CHECK(task.state == State::Failed);
  CHECK(task.spent == kPrice);
  CHECK(task.uncertain == kPrice * 2);
}

TEST_CASE("a provider that contradicts its own success is asked again, but not at once") {
  for (News const& news :
       {News{news::Waiting{}}, News{news::Working{}}, News{news::CanceledThere{}},
        News{news::GaveUp{trouble(Kind::Fatal), {}}}, News{news::NoAnswer{trouble(Kind::Lane)}}}) {
    auto const task = heard(asking(), news, kLater);
    CHECK(task.state == State::Downloading);
    CHECK(task.ask_again);
    CHECK(task.due > kLater);
    CHECK(task.misses == asking().misses + 1);
    CHECK(task.spent == kPrice * 2);
  }
}
