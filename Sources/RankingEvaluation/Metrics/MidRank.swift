/// The one tie rule: with g candidates scored better and e others tied, the rank is r = 1 + g + e/2.
///
/// It is the expected rank under a random order of the tied items, so a scorer gains nothing by giving many items one score.
public enum MidRank {
    public static let ruleName = "mid-rank"

    /// The rank of `target` among all items that are not excluded.
    ///
    /// A score that is not a number ranks behind every number.
    /// - Parameters:
    ///   - scores: V scores, larger is better.
    ///   - target: 0 ..< V; it is a candidate even when it is excluded.
    ///   - excluded: distinct items that are no candidates.
    public static func rank(scores: UnsafeBufferPointer<Float>, target: Int, excluded: some Sequence<Int32>) -> Double {
        let score = scores[target]
        var better = 0
        var tied = 0
        if score.isNaN {
            for other in scores {
                if other.isNaN { tied += 1 } else { better += 1 }
            }
        } else {
            // 32-bit counters let the compiler compare many scores at once.
            var greater: Int32 = 0
            var equal: Int32 = 0
            for other in scores {
                greater &+= other > score ? 1 : 0
                equal &+= other == score ? 1 : 0
            }
            better = Int(greater)
            tied = Int(equal)
        }
        tied -= 1
        for item in excluded where Int(item) != target {
            let other = scores[Int(item)]
            if score.isNaN ? !other.isNaN : other > score {
                better -= 1
            } else if score.isNaN ? other.isNaN : other == score {
                tied -= 1
            }
        }
        return 1 + Double(better) + Double(tied) / 2
    }

    /// The rank of `target` among itself and a few other candidates.
    /// - Parameter others: distinct items, without the target.
    public static func rank(scores: UnsafeBufferPointer<Float>, target: Int, among others: some Sequence<Int32>) -> Double {
        let score = scores[target]
        var rank = 1.0
        for item in others {
            let other = scores[Int(item)]
            if score.isNaN ? !other.isNaN : other > score {
                rank += 1
            } else if score.isNaN ? other.isNaN : other == score {
                rank += 0.5
            }
        }
        return rank
    }
}
