#pragma once

#include "app/doctor.h"

// The rows of doctor's table.
namespace wanspool::app::check {

// More tasks than any account works on at once.
inline constexpr std::size_t kActiveMost = 10'000;

// How it is set up.
Diagnoses spool(Patient const& patient);
Diagnoses configuration(Patient const& patient);
Diagnoses key(Patient const& patient);
Diagnoses endpoint(Patient const& patient);
Diagnoses proxy(Patient const& patient);

// What it stands on.
Diagnoses clock(Patient const& patient);
Diagnoses file_systems(Patient const& patient);
Diagnoses disk(Patient const& patient);
Diagnoses permissions(Patient const& patient);
Diagnoses listening(Patient const& patient);
Diagnoses open_files(Patient const& patient);

// How the work goes.
Diagnoses daemon(Patient const& patient);
Diagnoses queue(Patient const& patient);
Diagnoses origin(Patient const& patient);
Diagnoses account(Patient const& patient);
Diagnoses limits(Patient const& patient);
Diagnoses inbox(Patient const& patient);
Diagnoses results(Patient const& patient);
Diagnoses waiting(Patient const& patient);

}  // namespace wanspool::app::check
