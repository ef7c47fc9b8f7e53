/// The best of many scores.
public enum TopItems {
    /// The items with the largest scores, best first, equal scores by item number; items whose score is not a number are left out.
    /// - Parameters:
    ///   - count: how many at most.
    ///   - scores: V scores.
    ///   - excluded: items that must not be in the list.
    public static func best(_ count: Int, of scores: UnsafeBufferPointer<Float>, excluded: some Sequence<Int32>) -> [Int32] {
        guard count > 0 else { return [] }
        let barred = Set(excluded)
        var items: [Int32] = []
        var bar = -Float.infinity
        for item in scores.indices {
            let score = scores[item]
            // Most items fail this comparison, so the rest need not be fast.
            if items.count == count ? !(score > bar) : score.isNaN { continue }
            if barred.contains(Int32(item)) { continue }
            var position = items.count
            while position > 0, scores[Int(items[position - 1])] < score { position -= 1 }
            items.insert(Int32(item), at: position)
            if items.count > count { items.removeLast() }
            if items.count == count { bar = scores[Int(items[count - 1])] }
        }
        return items
    }
}
