#include <algorithm>

#include "provider/envelope.h"
#include "provider/provider.h"
#include "provider/troubles.h"
#include "provider/words.h"

namespace wanspool::provider {
namespace {

using Kind = Trouble::Kind;

Trouble later(Reply const& reply, std::string code, std::string message) {
  if (auto const id = request_id(reply); reply.complete() && !id.empty()) message += " (request " + id + ")";
  return {Kind::Lane, std::move(code), std::move(message), retry_after(reply)};
}

// Asked again later, waiting for somebody, or refused. A list names no model, so of what is forbidden only
// the key and the bill concern the account; anything else that is forbidden is the list itself.
Kind kind_of(Trouble const& trouble, int status) {
  if (trouble.every_lane || status == 401) return Kind::Account;
  bool const refused = status >= 400 && status < 500 && status != 408 && status != 429;
  return refused ? Kind::Fatal : Kind::Lane;
}

// A gateway may wrap an error in a 200 (contract §4): it then means what it means under its own status.
Trouble of_error(Reply const& reply, ErrorWords error) {
  if (error.request_id.empty()) error.request_id = request_id(reply);
  auto const* const row = row_of(error.code, error.message);
  bool const wrapped = reply.status >= 200 && reply.status < 300;
  int const status = wrapped && row ? row->status : reply.status;
  auto trouble = trouble_of(error, status, retry_after(reply));
  trouble.kind = kind_of(trouble, status);
  trouble.every_lane = trouble.kind == Kind::Account;
  trouble.message = "the account's list of tasks: " + trouble.message;
  return trouble;
}

}  // namespace

std::variant<ListPage, Trouble> read_list(Reply const& reply) {
  if (!reply.complete())
    return later(reply, "Unreachable", "cannot ask for the account's list of tasks: " + plain(reply.failure));
  auto said = open_listing(reply.body);
  auto const answer =
      "asked for the account's tasks the service answered HTTP " + std::to_string(reply.status);
  if (!said.parsed)
    return later(reply, "NotJson", answer + " with what is not JSON: " + beginning(reply.body));
  if (!said.top.code.empty()) return of_error(reply, std::move(said.top));
  if (reply.status < 200 || reply.status >= 300)
    return later(reply, "HttpStatus", answer + " without an error code");
  if (!said.missing.empty())
    return later(reply, "AnswerIncomplete", "the account's list of tasks lacks " + said.missing);
  return ListPage{std::move(said.rows), said.page, std::max(said.pages, 1)};
}

}  // namespace wanspool::provider
