#include "core/decide.h"

#include <algorithm>
#include <type_traits>

namespace wanspool {
namespace {

struct Learner {
  Task task;
  Policy const& policy;
  Instant now;

  bool is(State state) const { return task.state == state; }
  // A success whose addresses have to be asked for once more.
  bool is_asking() const { return is(State::Downloading) && task.ask_again; }
  bool may_be_adopted() const { return task.in_doubt() || is(State::Held); }
  bool is_at_provider() const { return is(State::Submitted) || is(State::Running); }

  milliseconds back_off(Backoff backoff) const {
    return wait_of(backoff, task.misses, static_cast<std::uint64_t>(task.id));
  }
  // What the server asked for counts, but not for longer than the policy allows.
  milliseconds pause(milliseconds asked, milliseconds own) const {
    return std::max(std::min(asked, policy.retry_after_most), own);
  }
  void release() { task.reserved = {}; }
  void fail(Trouble trouble) {
    task.state = State::Failed;
    task.error = std::move(trouble);
    task.times.done = now;
  }
  // Paid for, or perhaps paid for, and nothing to show: counted as spent until somebody knows better.
  void lose(Trouble trouble) {
    task.uncertain += task.reserved + task.spent;
    task.reserved = task.spent = {};
    fail(std::move(trouble));
  }
  // Nothing of it is bought, or nobody knows.
  void cancel(std::string words) {
    release();
    fail({Trouble::Kind::Fatal, "Canceled", std::move(words)});
    task.state = State::Canceled;
  }
  // Back to its old place in the order, unless nobody wants it any more.
  void queue_again(Trouble trouble) {
    task.possible_until = {};
    if (task.is_unwanted()) return cancel("canceled; it was not bought: " + trouble.message);
    task.cancel = Cancel::None;
    task.state = State::Queued;
    task.error = std::move(trouble);
    task.task_id.clear();
    task.request_id.clear();
    task.adopted = false;
    task.possible_until = {};
    task.unknown_since = {};
    task.shortfall.clear();
    Times times;
    times.queued = task.times.queued;
    times.sent = task.times.sent;
    task.times = std::move(times);
    task.due = task.times.queued;
  }
  // The same again as a new request, so many times.
  void retry(Trouble trouble) {
    task.fetch_now = task.fetch_now || (trouble.input && task.fetch != FetchInputs::Never);
    if (++task.failures >= policy.failures_most) return fail(std::move(trouble));
    auto const wait = wait_of(policy.retry, task.failures - 1, static_cast<std::uint64_t>(task.id));
    auto const asked = trouble.retry_after;
    queue_again(std::move(trouble));
    task.due = now + pause(asked, wait);
  }
  // The query brought nothing, or what contradicts a success that was already told.
  void ask_later(milliseconds asked) {
    task.due = now + pause(asked, back_off(policy.query));
    ++task.misses;
  }
  void answered() { task.answered = now; }
  void accepted(std::string task_id, std::string request_id, Instant at) {
    task.state = State::Submitted;
    task.task_id = std::move(task_id);
    task.request_id = std::move(request_id);
    task.possible_until = {};
    task.times.accepted = at;
    task.misses = 0;
    task.error = {};
  }
  // Its number of tries is the back-off's; between two of them it is looked at.
  bool wants_to_cancel() const { return task.cancel == Cancel::Wanted || task.cancel == Cancel::Later; }
  void be_too_late() {
    if (task.cancel == Cancel::TakenBack) task.cancel = Cancel::None;
    if (task.cancel != Cancel::None) task.cancel = Cancel::TooLate;
  }
  // A person decides; what it may have cost stays reserved.
  void hold(std::string code, std::string why) {
    task.state = State::Held;
    task.error = {Trouble::Kind::Unknown, std::move(code), std::move(why)};
  }
  // More pictures, or others, than were asked for: this is somebody else's task.
  bool is_misfit(Answer const& answer) const {
    auto const pictures = std::count_if(answer.pieces.begin(), answer.pieces.end(),
                                        [](auto const& piece) { return !piece.url.empty(); });
    bool const other_size = !task.size.empty() && !answer.size.empty() && task.size != answer.size;
    return task.adopted && (pictures > task.wanted || other_size);
  }
  void remember(ProviderTimes const& times) {
    if (!times.submit_time.empty()) task.times.submit_time = times.submit_time;
    if (!times.scheduled_time.empty()) task.times.scheduled_time = times.scheduled_time;
    if (!times.end_time.empty()) task.times.end_time = times.end_time;
  }
  void polled(ProviderTimes const& times) {
    remember(times);
    ++task.polls;
    task.misses = 0;
    task.unknown_since = {};
  }
  // When it was begun to be worked on, as far as anybody tells.
  Instant begun() const {
    auto const waited = task.times.waited().value_or(policy.pace.queue);
    return std::min<Instant>(task.times.accepted + waited, now);
  }

  void operator()(news::Accepted const& it) {
    if (!is(State::Submitting)) return;
    answered();
    accepted(it.task_id, it.request_id, now);
    task.due = wants_to_cancel() ? now : now + policy.pace.queue + policy.pace.first;
  }
  void operator()(news::Refused const& it) {
    if (!is(State::Submitting)) return;
    if (it.trouble.kind == Trouble::Kind::Unknown) return (*this)(news::Unanswered{it.trouble.message, {}});
    answered();
    switch (it.trouble.kind) {
      case Trouble::Kind::Lane:
      case Trouble::Kind::Account:
        release();
        return queue_again(it.trouble);
      case Trouble::Kind::Retry:
        release();
        return retry(it.trouble);
      case Trouble::Kind::Fatal:
        release();
        return fail(it.trouble);
      case Trouble::Kind::Unknown:
        return;
    }
  }
  void operator()(news::Unsent const& it) {
    if (!is(State::Submitting)) return;
    answered();
    release();
    --task.creates;
    queue_again(it.trouble);
  }
  void operator()(news::Unanswered const& it) {
    if (!is(State::Submitting) || task.in_doubt()) return;
    answered();
    // What has left is accepted in time or never, however late we come to know that its answer is lost.
    auto const latest = task.times.sent + policy.create_life;
    auto const margin = it.unseen ? policy.stop_margin : policy.loss_margin;
    task.possible_until = it.timed_out ? latest : std::min(now, latest) + margin;
    task.request_id = it.request_id;
    task.error = {Trouble::Kind::Unknown, "Unanswered", it.why};
  }

  void operator()(news::Adopted const& it) {
    if (!may_be_adopted()) return;
    accepted(it.task_id, it.request_id, it.accepted);
    task.adopted = true;
    task.due = now;
  }
  void operator()(news::NeverAccepted const& it) {
    if (!task.in_doubt()) return;
    release();
    --task.creates;
    queue_again({Trouble::Kind::Unknown, "NeverAccepted", it.why});
  }
  void operator()(news::Undecidable const& it) {
    if (!task.in_doubt()) return;
    if (task.on_doubt != OnDoubt::Resubmit) return hold("Undecidable", it.why);
    if (!it.in_orphans) task.uncertain += task.reserved;
    release();
    queue_again({Trouble::Kind::Unknown, "SentAgain", it.why});
  }

  void operator()(news::Waiting const& it) {
    if (is_asking()) return ask_later({});
    if (!is_at_provider()) return;
    polled(it.times);
    if (wants_to_cancel()) {
      task.cancel = Cancel::Wanted;
      task.due = now;
      return;
    }
    // Nothing is done before it is begun.
    task.due = now + std::max(policy.pace.first, policy.pace.step);
  }
  void operator()(news::Working const& it) {
    if (is_asking()) return ask_later({});
    if (!is_at_provider()) return;
    polled(it.times);
    be_too_late();
    if (is(State::Submitted)) task.times.running = now;
    task.state = State::Running;
    auto const first = begun() + policy.pace.first;
    auto const late = std::min<milliseconds>((now - first) / 10, policy.poll_most);
    task.due = std::max<Instant>(now + std::max(policy.pace.step, late), first);
  }
  void operator()(news::Finished const& it) {
    if (is_asking()) return refresh(it.answer);
    if (!is_at_provider()) return;
    polled(it.times);
    if (is_misfit(it.answer))
      return hold("Misfit",
                  "task " + task.task_id + " was taken for its own and has pictures that nobody asked for");
    be_too_late();
    task.state = State::Downloading;
    task.times.finished = now;
    task.due = now;
    task.error = {};
    task.image_count = it.answer.image_count;
    task.usage = it.answer.usage;
    task.shortfall = it.answer.shortfall;
    task.spent = task.price * it.answer.image_count;
    release();
    lay_out(it.answer);
  }
  void operator()(news::GaveUp const& it) {
    if (is_asking()) return ask_later({});
    if (!is_at_provider()) return;
    polled(it.times);
    release();
    task.times.finished = now;
    // Throttled or unpaid there: not the fault of the task, but counted, since no lane pauses for it.
    // Nobody wants another one of what was nobody's.
    task.orphan || it.trouble.kind == Trouble::Kind::Fatal ? fail(it.trouble) : retry(it.trouble);
  }
  void operator()(news::CanceledThere const&) {
    if (is_asking()) return ask_later({});
    if (!is_at_provider()) return;
    if (task.cancel == Cancel::TakenBack) {
      release();
      return queue_again({Trouble::Kind::Retry, "Canceled", "the task was canceled at the provider"});
    }
    cancel("the task was canceled at the provider");
  }
  void operator()(news::Vanished const&) {
    if (!is_at_provider() && !is_asking()) return;
    ++task.polls;
    if (task.unknown_since == Instant{}) task.unknown_since = now;
    bool const forgotten = now - task.times.accepted >= policy.task_life;
    bool const lasting =
        now - task.unknown_since >= policy.list_delay && policy.others_answered > task.unknown_since;
    if (forgotten || lasting) {
      Trouble trouble{Trouble::Kind::Fatal, "TaskUnknown",
                      forgotten ? "the provider no longer knows the task; its results are kept for 24 hours"
                                : "the provider does not know the task, while it answers for others"};
      return is(State::Downloading) ? lose_what_is_missing(std::move(trouble)) : lose(std::move(trouble));
    }
    ask_later({});
  }
  void operator()(news::NoAnswer const& it) {
    if (!is_at_provider() && !is_asking()) return;
    ask_later(it.trouble.retry_after);
    task.error = it.trouble;
  }

  void operator()(news::CancelAsked const&) {
    if (!is(State::Submitting) && !is_at_provider()) return;
    if (task.is_unwanted()) return;
    // Only what waits there can be canceled (contract §8.2).
    task.cancel = is(State::Running) ? Cancel::TooLate : Cancel::Wanted;
    if (is(State::Submitted)) task.due = now;
  }
  void operator()(news::WantedAgain const&) {
    bool const was_asked = task.is_unwanted() && task.cancel != Cancel::TooLate && is_at_provider();
    task.cancel = was_asked ? Cancel::TakenBack : Cancel::None;
  }
  void operator()(news::CancelTaken const&) {
    if (!is_at_provider() || !wants_to_cancel()) return;
    task.cancel = Cancel::Told;
    task.misses = 0;
    task.due = now;
  }
  void operator()(news::CancelRefused const&) {
    if (!is_at_provider() || !wants_to_cancel()) return;
    task.cancel = Cancel::TooLate;
    task.misses = 0;
    task.due = now;
  }
  void operator()(news::CancelUnheard const& it) {
    if (!is_at_provider() || !wants_to_cancel()) return;
    task.cancel = Cancel::Later;
    ask_later(it.trouble.retry_after);
  }

  void operator()(news::PictureSafe const& it) {
    auto* const picture = find(it.picture.number);
    if (!picture || it.picture.file.empty()) return;
    *picture = it.picture;
    task.misses = 0;
    if (task.complete()) task.due = now;
  }
  void operator()(news::PictureMissed const& it) {
    auto* const picture = find(it.number);
    if (!picture || !picture->lost.empty()) return;
    bool const counted = it.expired || it.trouble.kind != Trouble::Kind::Lane;
    if (counted) ++picture->tries;
    task.error = it.trouble;
    if (it.trouble.kind == Trouble::Kind::Fatal || picture->tries >= policy.tries_most)
      picture->lost = it.trouble.message;
    else if (it.expired)
      task.ask_again = true;
    task.due = task.complete() ? now : now + pause(it.trouble.retry_after, back_off(policy.download));
    ++task.misses;
  }
  void operator()(news::Stored const&) {
    if (!is(State::Downloading) || !task.complete()) return;
    auto const is_lost = [](auto const& each) { return !each.lost.empty(); };
    auto const lost = std::count_if(task.pictures.begin(), task.pictures.end(), is_lost);
    task.times.done = now;
    task.document.clear();
    for (auto& picture : task.pictures) picture.url.clear();
    if (lost == 0) {
      task.state = State::Done;
      task.error = {};
      return;
    }
    auto const undelivered = std::min(task.spent, task.price * lost);
    task.spent -= undelivered;
    task.uncertain += undelivered;
    auto const& first = *std::find_if(task.pictures.begin(), task.pictures.end(), is_lost);
    task.error = {Trouble::Kind::Fatal, "PictureLost",
                  "image " + std::to_string(first.number) + " was paid for and did not come: " + first.lost};
    task.state = State::Failed;
  }

 private:
  // One that is not yet safe; what is said of a safe one comes too late.
  Picture* find(int number) {
    auto const at = number - task.first;
    if (!is(State::Downloading) || at < 0 || at >= static_cast<int>(task.pictures.size())) return nullptr;
    auto& picture = task.pictures[static_cast<std::size_t>(at)];
    return picture.file.empty() ? &picture : nullptr;
  }
  // No address will ever come again; what is safe is kept and paid, and its result still gets written.
  void lose_what_is_missing(Trouble trouble) {
    for (auto& picture : task.pictures)
      if (picture.file.empty() && picture.lost.empty()) picture.lost = trouble.message;
    task.ask_again = false;
    task.unknown_since = {};
    task.error = std::move(trouble);
    task.due = now;
  }
  void lay_out(Answer const& answer) {
    bool has_text = false;
    task.pictures.clear();
    task.document.clear();
    for (auto const& piece : answer.pieces) {
      if (piece.url.empty()) {
        has_text = has_text || !piece.text.empty();
        task.document += piece.text;
        continue;
      }
      Picture picture;
      picture.number = task.first + static_cast<int>(task.pictures.size());
      picture.url = piece.url;
      picture.expires = piece.expires;
      task.pictures.push_back(picture);
      auto const name = std::to_string(picture.number);
      task.document += "\n\n![image " + name + "](image-" + name + ".png)\n\n";
    }
    if (!has_text) task.document.clear();
  }
  // A fresh query gave the addresses once more.
  void refresh(Answer const& answer) {
    task.ask_again = false;
    task.unknown_since = {};
    ++task.polls;
    task.due = now;
    std::size_t at = 0;
    for (auto const& piece : answer.pieces) {
      if (piece.url.empty()) continue;
      if (at == task.pictures.size()) break;
      task.pictures[at].url = piece.url;
      task.pictures[at++].expires = piece.expires;
    }
  }
};

}  // namespace

Task learn(Task task, News const& news, Policy const& policy, Instant now) {
  Learner learner{std::move(task), policy, now};
  std::visit(learner, news);
  return std::move(learner.task);
}

bool is_overdue(Task const& task, Instant now) {
  return task.state == State::Queued && task.deadline != Instant{} && now >= task.deadline;
}

Plan next(Task task, Instant now) {
  // What its manifest wants by then is not wanted later at the same price; nothing of it was bought.
  if (is_overdue(task, now)) {
    task.state = State::Canceled;
    task.times.done = now;
    task.error = {Trouble::Kind::Fatal, "Deadline",
                  "its deadline " + rfc3339(task.deadline) + " has passed before it could be bought"};
    return {std::move(task), Act::None};
  }
  switch (task.state) {
    // Written before the request leaves: after a crash this row is all we know about money spent.
    case State::Queued:
      task.state = State::Submitting;
      task.reserved = task.price * task.wanted;
      task.times.sent = now;
      task.answered = {};
      task.possible_until = {};
      task.adopted = false;
      ++task.creates;
      return {std::move(task), Act::Submit};
    case State::Submitted:
      if (task.cancel == Cancel::Wanted) return {std::move(task), Act::CancelRemote};
      [[fallthrough]];
    case State::Running:
      return {std::move(task), Act::Poll};
    case State::Downloading: {
      auto const act = task.ask_again ? Act::Poll : Act::Download;
      return {std::move(task), act};
    }
    case State::Submitting:
    case State::Done:
    case State::Failed:
    case State::Canceled:
    case State::Held:
      break;
  }
  return {std::move(task), Act::None};
}

}  // namespace wanspool
