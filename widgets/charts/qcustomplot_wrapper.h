// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// qcustomplot.h 2.1 uses Qt's lower-case keywords, which the studio switches off (QT_NO_KEYWORDS). Include this file
// instead, and only in .cpp files.
#include <QtCore/qforeach.h>
#include <QObject>
#ifdef QT_NO_KEYWORDS
#define signals Q_SIGNALS
#define slots Q_SLOTS
#define emit Q_EMIT
#define foreach(variable, container) for (variable : container)
#endif
#include <qcustomplot.h>
#ifdef QT_NO_KEYWORDS
#undef signals
#undef slots
#undef emit
#undef foreach
#endif
