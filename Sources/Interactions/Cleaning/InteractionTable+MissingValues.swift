extension InteractionTable {
    /// - Returns: how many events were given a time.
    mutating func apply(_ treatment: CleaningStep.MissingTimes) -> Int {
        guard hasTimes else { return 0 }
        if treatment == .drop {
            self = keeping { time[$0] != Self.missingTime }
            return 0
        }
        var changed = 0
        for rows in rowsInFileOrder() {
            let known = rows.indices.filter { time[rows[$0]] != Self.missingTime }
            guard !known.isEmpty else { continue }
            var next = 0
            for index in rows.indices where time[rows[index]] == Self.missingTime {
                while next < known.count, known[next] < index { next += 1 }
                let before = next > 0 ? known[next - 1] : nil
                let after = next < known.count ? known[next] : nil
                time[rows[index]] = filled(index, rows, before: before, after: after, evenly: treatment == .interpolate)
                changed += 1
            }
        }
        return changed
    }

    /// The time for a gap between two known positions of a user's rows, at least one of which exists.
    private func filled(_ index: Int, _ rows: [Int], before: Int?, after: Int?, evenly: Bool) -> Int64 {
        guard let before else { return after.map { time[rows[$0]] } ?? Self.missingTime }
        let start = time[rows[before]]
        guard evenly, let after else { return start }
        let share = Double(index - before) / Double(after - before)
        return start + Int64(((Double(time[rows[after]]) - Double(start)) * share).rounded())
    }

    /// - Returns: how many events were given a rating.
    mutating func apply(_ treatment: CleaningStep.MissingRatings) -> Int {
        guard hasRatings else { return 0 }
        switch treatment {
        case .drop:
            self = keeping { !rating[$0].isNaN }
            return 0
        case .fill(let statistic, of: .everyone): return fill([Array(0..<count)], with: statistic)
        case .fill(let statistic, of: .user): return fill(rowsInFileOrder(), with: statistic)
        }
    }

    /// In each group of rows, gaps take the group's statistic.
    private mutating func fill(_ groups: [[Int]], with statistic: CleaningStep.MissingRatings.Statistic) -> Int {
        var changed = 0
        for rows in groups {
            guard let value = statistic.value(of: rows.map { rating[$0] }.filter { !$0.isNaN }) else { continue }
            for row in rows where rating[row].isNaN {
                rating[row] = value
                changed += 1
            }
        }
        return changed
    }

    /// - Returns: how many ratings changed.
    mutating func mapRatings(from range: ClosedRange<Float>?) -> Int {
        let known = rating.lazy.filter { !$0.isNaN }
        guard let low = range?.lowerBound ?? known.min(), let high = range?.upperBound ?? known.max() else { return 0 }
        var changed = 0
        for row in rating.indices where !rating[row].isNaN {
            // All ratings alike carry no order; they become 1.
            let mapped = low < high ? min(max((rating[row] - low) / (high - low), 0), 1) : 1
            if mapped != rating[row] { changed += 1 }
            rating[row] = mapped
        }
        return changed
    }

    /// Each user's rows as the file has them.
    private func rowsInFileOrder() -> [[Int]] {
        var rows = Array(repeating: [Int](), count: users.count)
        for row in 0..<count { rows[Int(user[row])].append(row) }
        return rows
    }
}

extension CleaningStep.MissingRatings.Statistic {
    /// The statistic of the values, nil when there are none. The mode's ties go to the smallest.
    func value(of values: [Float]) -> Float? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        switch self {
        case .mean: return Float(sorted.reduce(0.0) { $0 + Double($1) } / Double(sorted.count))
        case .median:
            let middle = sorted.count / 2
            return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
        case .mode:
            let counts = sorted.reduce(into: [Float: Int]()) { $0[$1, default: 0] += 1 }
            return counts.max { ($0.value, -$0.key) < ($1.value, -$1.key) }?.key
        }
    }
}
