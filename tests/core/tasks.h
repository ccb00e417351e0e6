#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/decide.h"

// Tasks in each state, brought there by what really happens on the way.
namespace wanspool::made {

inline constexpr Instant kStart{milliseconds{1'700'000'000'000}};
inline constexpr Money kPrice{220'177};

inline Trouble trouble(Trouble::Kind kind, milliseconds retry_after = {}) {
  return {kind, "Code", "words", retry_after};
}

inline Answer answer_of(int pictures) {
  Answer answer;
  for (int i = 1; i <= pictures; ++i)
    answer.pieces.push_back({{}, "https://results.invalid/" + std::to_string(i), kStart + hours{24}});
  answer.image_count = pictures;
  answer.usage = "{}";
  return answer;
}

inline Picture safe_picture(int number) {
  Picture picture;
  picture.number = number;
  picture.file = "image-" + std::to_string(number) + ".png";
  picture.sha256 = std::string(64, 'a');
  return picture;
}

inline Task heard(Task task, News const& news, Instant now, Policy const& policy = {}) {
  return learn(std::move(task), news, policy, now);
}

inline Task queued(int wanted = 2) {
  Task task;
  task.id = 7;
  task.name = "cats/tabby";
  task.model = "wan2.6-image";
  task.wanted = wanted;
  task.price = kPrice;
  task.times.queued = task.due = kStart;
  return task;
}
inline Task submitting(int wanted = 2) {
  return next(queued(wanted), kStart + seconds{1}).task;
}
// Sent before a crash and found unanswered after it.
inline Task in_doubt(int wanted = 2) {
  auto task = submitting(wanted);
  task.possible_until = kStart + seconds{3};
  return task;
}
inline Task submitted(int wanted = 2) {
  return heard(submitting(wanted), news::Accepted{"task-1", "request-1"}, kStart + seconds{2});
}
inline Task adopted(int wanted = 2) {
  return heard(in_doubt(wanted), news::Adopted{"task-1", "request-1", kStart + seconds{2}},
               kStart + seconds{70});
}
inline Task running(int wanted = 2) {
  return heard(submitted(wanted), news::Working{}, kStart + seconds{10});
}
inline Task downloading(int wanted = 2) {
  return heard(running(wanted), news::Finished{answer_of(wanted), {}}, kStart + seconds{60});
}
inline Task asking(int wanted = 2) {
  return heard(downloading(wanted), news::PictureMissed{1, trouble(Trouble::Kind::Retry), true},
               kStart + seconds{70});
}
// All pictures are there; result.json is not.
inline Task complete(int wanted = 2) {
  auto task = downloading(wanted);
  for (int i = 1; i <= wanted; ++i)
    task = heard(task, news::PictureSafe{safe_picture(i)}, kStart + seconds{80});
  return task;
}
inline Task done(int wanted = 2) {
  return heard(complete(wanted), news::Stored{}, kStart + seconds{90});
}
inline Task failed() {
  return heard(submitting(), news::Refused{trouble(Trouble::Kind::Fatal)}, kStart + seconds{2});
}
inline Task canceled() {
  return heard(running(), news::CanceledThere{}, kStart + seconds{20});
}
inline Task held() {
  return heard(in_doubt(), news::Undecidable{"2 tasks may be its own"}, kStart + seconds{70});
}

}  // namespace wanspool::made
