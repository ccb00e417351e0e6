#pragma once

#include <string>

// Jobs as a table (RFC 4180), with the keys of `list --json`. Pure.
namespace wanspool::app {

std::string job_csv_head();
// Of what job_json() says: nested values of cost, times and error are columns of their own, others JSON text.
std::string job_csv(std::string const& job_json);

}  // namespace wanspool::app
