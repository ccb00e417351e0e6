#include <algorithm>
#include <charconv>

#include "provider/envelope.h"
#include "provider/provider.h"
#include "provider/troubles.h"
#include "provider/words.h"

namespace wanspool::provider {
namespace {

using Kind = Trouble::Kind;

// What an address says of its own end: the Expires of an OSS signature, in Unix seconds (contract §6).
Instant expiry_of(std::string_view url, Instant fallback) {
  static constexpr std::int64_t kEarliest = 1'000'000'000, kLatest = 100'000'000'000;
  auto const query = url.find('?');
  if (query == url.npos) return fallback;
  for (auto rest = url.substr(query + 1); !rest.empty();) {
    auto const part = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    if (!part.starts_with("Expires=")) continue;
    std::int64_t stamp = 0;
    auto const [end, error] = std::from_chars(part.data() + 8, part.data() + part.size(), stamp);
    if (error == std::errc{} && end == part.data() + part.size() && stamp >= kEarliest && stamp <= kLatest)
      return Instant{seconds{stamp}};
  }
  return fallback;
}

// A query that brought nothing is asked again, whatever was wrong with it: the task goes on meanwhile.
news::NoAnswer no_answer(Reply const& reply, std::string code, std::string message) {
  auto const kind = reply.status == 401 ? Kind::Account : Kind::Lane;
  return {{kind, std::move(code), std::move(message), retry_after(reply), kind == Kind::Account}};
}

news::NoAnswer lacking(Reply const& reply, std::string const& field) {
  auto message = "the service's answer lacks " + field;
  if (auto const id = request_id(reply); !id.empty()) message += " (request " + id + ")";
  return no_answer(reply, "AnswerIncomplete", std::move(message));
}

// The task is over, so what would pause a lane or wait for a person is for its successor to meet: it is tried
// again, counted. So is a failure without a code or with one that nobody knows; failures cost nothing
// (contract §10).
Trouble end_of_task(ErrorWords error) {
  auto const* const row = row_of(error.code, error.message);
  if (error.code.empty()) error.code = "TaskFailed";
  auto trouble = trouble_of(error, 200, milliseconds{0});
  trouble.kind = row && row->kind == Kind::Fatal ? Kind::Fatal : Kind::Retry;
  trouble.every_lane = false;
  return trouble;
}

// Each reason once: several pictures of a request mostly fail for the same one.
std::string words_of(std::vector<ErrorWords> const& failed) {
  std::vector<std::string> reasons;
  for (auto const& each : failed) {
    auto words = plain(each.code + (each.code.empty() || each.message.empty() ? "" : ": ") + each.message);
    if (words.empty()) words = "the service gave no reason";
    if (std::find(reasons.begin(), reasons.end(), words) == reasons.end())
      reasons.push_back(std::move(words));
  }
  std::string text;
  for (auto const& each : reasons) text += (text.empty() ? "" : "; ") + each;
  return text;
}

// A success is paid, so an answer that does not show what was paid for is asked for again.
News finished(Reply const& reply, Envelope said, Instant now) {
  bool pictures = false;
  for (auto& piece : said.pieces) {
    if (piece.url.empty()) continue;
    pictures = true;
    piece.expires = expiry_of(piece.url, now + hours{24});
  }
  int const charged = said.image_count.value_or(0);
  if (!pictures && charged == 0 && !said.failed.empty())
    return news::GaveUp{end_of_task(said.failed.front()), said.times};
  if (!pictures && !said.missing.empty()) return lacking(reply, said.missing);
  if (!pictures && charged > 0) return lacking(reply, "the pictures that usage.image_count speaks of");
  if (said.pieces.empty()) return lacking(reply, "output.choices or output.results with something in them");

  Answer answer;
  answer.image_count = said.image_count.value_or(static_cast<int>(std::count_if(
      said.pieces.begin(), said.pieces.end(), [](auto const& piece) { return !piece.url.empty(); })));
  answer.pieces = std::move(said.pieces);
  answer.usage = std::move(said.usage);
  answer.shortfall = words_of(said.failed);
  answer.size = std::move(said.size);
  return news::Finished{std::move(answer), std::move(said.times)};
}

News of_status(Reply const& reply, Envelope said, Instant now) {
  auto const& status = said.task_status;
  if (status == "RUNNING") return news::Working{said.times};
  if (status == "SUCCEEDED") return finished(reply, std::move(said), now);
  if (status == "FAILED") {
    auto error = said.task.code.empty() && said.task.message.empty() ? said.top : said.task;
    error.request_id = said.top.request_id;
    return news::GaveUp{end_of_task(std::move(error)), said.times};
  }
  if (status == "CANCELED" || status == "CANCELLED") return news::CanceledThere{};
  if (status == "UNKNOWN") return news::Vanished{};
  // PENDING, SUSPENDED, and whatever comes later: not an end that we know of (contract §3.2).
  return news::Waiting{said.times};
}

// An error body without a task: the end of a task only if it speaks of the task and comes with a status that
// the contract knows for that (§3.4 b: 200 or 400); else the query went wrong.
News of_error(Reply const& reply, Envelope const& said) {
  auto error = said.top;
  if (error.request_id.empty()) error.request_id = request_id(reply);
  auto const* const row = row_of(error.code, error.message);
  if (row && row->about == About::Task && (reply.status == 200 || reply.status == 400))
    return news::GaveUp{end_of_task(std::move(error)), said.times};
  auto trouble = trouble_of(error, reply.status, retry_after(reply));
  if (trouble.kind != Kind::Account) trouble.kind = Kind::Lane;
  return news::NoAnswer{std::move(trouble)};
}

}  // namespace

News read_query(Reply const& reply, Instant now) {
  if (!reply.complete())
    return no_answer(reply, "Unreachable", "cannot ask for the task: " + plain(reply.failure));
  auto said = open_envelope(reply.body);
  bool const success = reply.status >= 200 && reply.status < 300;
  auto const answer = "the service answered HTTP " + std::to_string(reply.status);
  if (!said.parsed)
    return no_answer(reply, "NotJson", answer + " with what is not JSON: " + beginning(reply.body));
  if (success && !said.task_status.empty()) return of_status(reply, std::move(said), now);
  if (!said.top.code.empty()) return of_error(reply, said);
  if (success) return lacking(reply, "output.task_status");
  return no_answer(reply, "HttpStatus", answer + " without an error code");
}

bool is_normal(News const& news) {
  return std::holds_alternative<news::Waiting>(news) || std::holds_alternative<news::Working>(news) ||
         std::holds_alternative<news::Finished>(news) || std::holds_alternative<news::GaveUp>(news) ||
         std::holds_alternative<news::CanceledThere>(news);
}

}  // namespace wanspool::provider
