#include "provider/envelope.h"
#include "provider/provider.h"
#include "provider/troubles.h"
#include "provider/words.h"

namespace wanspool::provider {
namespace {

bool is_success(int status) {
  return status >= 200 && status < 300;
}

// Design §3: a 4xx or 429, and a 503 of these two codes, with a parsed error body. 408 is not one of them: it
// says that time ran out, not that the request was refused.
bool is_refusal(int status, std::string_view code) {
  if (status == 503) return code == "ModelUnavailable" || code == "ModelServingError";
  return status >= 400 && status < 500 && status != 408;
}

// A gateway may wrap an error in a 200 (contract §4). A code that we know then means what it means under its
// own status, so a wrapped 429 is a refusal and a wrapped 500 is a doubt; of a code that we do not know
// nobody can say whether the task was made.
int status_of(Reply const& reply, ErrorWords const& error) {
  if (!is_success(reply.status)) return reply.status;
  auto const* const row = row_of(error.code, error.message);
  return row ? row->status : reply.status;
}

// A gateway that gave up on the service says nothing about the service itself.
bool may_go_on(Reply const& reply) {
  return reply.timed_out || reply.status == 504 || reply.status == 408;
}

std::string doubt_of(Reply const& reply, Envelope const& said) {
  auto const answer = "answered HTTP " + std::to_string(reply.status);
  if (reply.status >= 300 && reply.status < 400)
    return answer + ", a redirect, which is never followed; check the endpoint";
  if (!said.top.code.empty()) return answer + ", " + plain(said.top.code) + ": " + plain(said.top.message);
  if (!said.parsed) return answer + " with what is not JSON: " + beginning(reply.body);
  if (is_success(reply.status)) return answer + " without output.task_id";
  return answer + " without an error code";
}

}  // namespace

// What did not leave was not read, and what left and was not answered whole may have been accepted: no
// failure and no status decides between the two (design §3). A redirect is a doubt like every answer that is
// neither a task nor a refusal: who sent it, and after what, is not known.
News read_create(Reply const& reply) {
  if (!reply.left)
    return news::Unsent{
        {Trouble::Kind::Lane, "Unreachable", "cannot reach the service: " + plain(reply.failure)}};
  auto const said = open_envelope(reply.body);
  auto id = request_id(reply);
  if (id.empty()) id = plain(said.top.request_id);
  if (!reply.complete())
    return news::Unanswered{"the request left and was not answered whole: " + plain(reply.failure), id,
                            may_go_on(reply)};
  if (is_success(reply.status) && !said.task_id.empty()) return news::Accepted{said.task_id, id};
  if (!said.top.code.empty()) {
    auto const status = status_of(reply, said.top);
    auto error = said.top;
    error.request_id = id;
    if (is_refusal(status, error.code)) return news::Refused{trouble_of(error, status, retry_after(reply))};
  }
  return news::Unanswered{"the service " + doubt_of(reply, said), id, may_go_on(reply)};
}

}  // namespace wanspool::provider
