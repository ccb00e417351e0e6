#include "provider/envelope.h"
#include "provider/provider.h"
#include "provider/troubles.h"
#include "provider/words.h"

namespace wanspool::provider {
namespace {

bool comes_back(int status) {
  return status == 401 || status == 408 || status == 429 || status >= 500;
}

}  // namespace

// Whatever is said here the task's own state says whether it was canceled (contract §8.2); what the service
// will not do is not asked for again.
News read_cancel(Reply const& reply) {
  if (!reply.complete())
    return news::CancelUnheard{
        {Trouble::Kind::Lane, "Unreachable", "cannot ask to cancel the task: " + plain(reply.failure)}};
  auto const said = open_envelope(reply.body);
  bool const success = reply.status >= 200 && reply.status < 300;
  if (success && said.parsed && said.top.code.empty()) return news::CancelTaken{};
  auto trouble = trouble_of(said.top, reply.status, retry_after(reply));
  // A gateway may wrap an error in a 200 (contract §4).
  auto const* const row = row_of(said.top.code, said.top.message);
  auto const status = success && row ? row->status : reply.status;
  if (comes_back(status) || (success && said.top.code.empty()) || !said.parsed) {
    trouble.kind = Trouble::Kind::Lane;
    if (trouble.code.empty()) trouble.code = "HttpStatus";
    return news::CancelUnheard{std::move(trouble)};
  }
  return news::CancelRefused{};
}

}  // namespace wanspool::provider
