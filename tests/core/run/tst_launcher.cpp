// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <map>
#include <string>

#include "core/base/errors.h"
#include "core/run/launcher.h"

using namespace llavakd;
using Variables = std::map<std::string, const char*>;

namespace {

/// What is said in an environment of these variables; nothing where the command may run.
std::string said(const Variables& variables) {
  const Environment environment = [&](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second;
  };
  try {
    refuse_several_processes("train", environment);
    return {};
  } catch (const UserError& error) {
    return error.what();
  }
}

}  // namespace

class TestLauncher : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void oneProcessMayRun() {
    QCOMPARE(said({}), std::string());
    QCOMPARE(said({{"RANK", "0"}, {"WORLD_SIZE", "1"}, {"LOCAL_RANK", "0"}}), std::string());
    QCOMPARE(said({{"WORLD_SIZE", "1"}, {"RANK", "3"}}), std::string());
    QCOMPARE(said({{"RANK", "0"}}), std::string());
    QCOMPARE(said({{"WORLD_SIZE", "many"}, {"RANK", ""}}), std::string());
    // A batch script, which may call srun later, and a step of one task in a job of several.
    QCOMPARE(said({{"SLURM_NTASKS", "4"}, {"SLURM_PROCID", "0"}, {"SLURM_JOB_ID", "7"}}), std::string());
    QCOMPARE(said({{"SLURM_NTASKS", "4"}, {"SLURM_STEP_NUM_TASKS", "1"}, {"SLURM_STEP_ID", "0"}}), std::string());
  }

  void oneOfSeveralIsRefused_data() {
    QTest::addColumn<Variables>("variables");
    QTest::addColumn<QString>("named");
    QTest::newRow("rank 0 too") << Variables{{"RANK", "0"}, {"WORLD_SIZE", "2"}} << "RANK=0, WORLD_SIZE=2";
    QTest::newRow("rank 1") << Variables{{"RANK", "1"}, {"WORLD_SIZE", "2"}} << "RANK=1, WORLD_SIZE=2";
    QTest::newRow("no rank") << Variables{{"WORLD_SIZE", "8"}} << "(WORLD_SIZE=8)";
    QTest::newRow("rank alone") << Variables{{"RANK", "1"}} << "(RANK=1)";
    QTest::newRow("Open MPI") << Variables{{"OMPI_COMM_WORLD_SIZE", "2"}, {"OMPI_COMM_WORLD_RANK", "0"}}
                              << "mpirun of Open MPI";
    QTest::newRow("MPICH") << Variables{{"PMI_SIZE", "4"}, {"PMI_RANK", "3"}} << "PMI_RANK=3, PMI_SIZE=4";
    QTest::newRow("Slurm's step") << Variables{{"SLURM_STEP_ID", "0"},
                                               {"SLURM_STEP_NUM_TASKS", "2"},
                                               {"SLURM_NTASKS", "2"},
                                               {"SLURM_PROCID", "1"}}
                                  << "srun started (SLURM_PROCID=1, SLURM_STEP_NUM_TASKS=2)";
    QTest::newRow("an older Slurm's step")
        << Variables{{"SLURM_STEP_ID", "1"}, {"SLURM_NTASKS", "3"}} << "SLURM_NTASKS=3";
  }
  void oneOfSeveralIsRefused() {
    QFETCH(const Variables, variables);
    QFETCH(const QString, named);
    const QString message = QString::fromStdString(said(variables));
    QVERIFY2(message.contains(named), qPrintable(message));
    QVERIFY2(message.contains("start it once"), qPrintable(message));
  }
};

QTEST_APPLESS_MAIN(TestLauncher)
#include "tst_launcher.moc"
