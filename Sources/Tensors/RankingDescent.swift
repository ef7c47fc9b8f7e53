internal import CKernels

/// Stochastic gradient descent on Bayesian personalised ranking (Rendle et al. 2009) over memory of the caller: users' vectors and
/// items' vectors in rows of `stride` floats, a multiple of a lane, and items' biases.
///
/// A step over a batch has two phases: users move with the items as they are, and every item then moves by what was noted for it. Calls
/// on disjoint users, or on disjoint items, may run at the same time.
public struct RankingDescent {
    public var stride: Int
    public var users: UnsafeMutablePointer<Float>
    public var items: UnsafeMutablePointer<Float>
    public var biases: UnsafeMutablePointer<Float>
    /// η and λ: a vector moves to (1 − η λ) x + η × its pull.
    public var rate: Float
    public var regularization: Float
    /// The distribution of negatives; one the user has an event with is drawn again, 32 times at most.
    public var draws: ItemDraws
    /// Items of user u, ascending, at offsets[u] ..< offsets[u + 1].
    public var offsets: UnsafePointer<Int64>
    public var sorted: UnsafePointer<Int32>
    /// The same as `seenWords` words of bits per user, or `nil`.
    public var seen: UnsafePointer<UInt64>?
    public var seenWords: Int
    /// The range of every item, below `ranges`.
    public var rangeOf: UnsafePointer<UInt8>
    public var ranges: Int

    public init(
        stride: Int, users: UnsafeMutablePointer<Float>, items: UnsafeMutablePointer<Float>, biases: UnsafeMutablePointer<Float>,
        rate: Float, regularization: Float, draws: ItemDraws, offsets: UnsafePointer<Int64>, sorted: UnsafePointer<Int32>,
        seen: UnsafePointer<UInt64>?, seenWords: Int, rangeOf: UnsafePointer<UInt8>, ranges: Int
    ) {
        self.stride = stride
        self.users = users
        self.items = items
        self.biases = biases
        self.rate = rate
        self.regularization = regularization
        self.draws = draws
        self.offsets = offsets
        self.sorted = sorted
        self.seen = seen
        self.seenWords = seenWords
        self.rangeOf = rangeOf
        self.ranges = ranges
    }

    /// What items shall move by, grouped by range. Allocated and freed by its owner.
    public struct Moves {
        let items: UnsafeMutablePointer<Int32>
        let users: UnsafeMutablePointer<Int32>
        let pulls: UnsafeMutablePointer<Float>
        let starts: UnsafeMutablePointer<Int64>
        let space: UnsafeMutablePointer<tributary_ranking_entry>

        /// - Parameter capacity: the most pairs of a call.
        public static func allocate(capacity: Int, ranges: Int) -> Moves {
            Moves(
                items: .allocate(capacity: 2 * capacity), users: .allocate(capacity: 2 * capacity), pulls: .allocate(capacity: 2 * capacity),
                starts: .allocate(capacity: ranges + 1), space: .allocate(capacity: 2 * capacity))
        }

        public func deallocate() {
            items.deallocate()
            users.deallocate()
            pulls.deallocate()
            starts.deallocate()
            space.deallocate()
        }
    }

    /// Draws a negative for each event and moves the events' users, one event after the other.
    /// - Parameters:
    ///   - users: `count` users of events, and `items` theirs.
    ///   - key: names the draws; event k has the number firstNumber + k.
    ///   - moves: receives what the items shall move by.
    /// - Returns: the summed loss −log σ(margin) and the number of pairs; events of users who met nearly everything have none.
    public func moveUsers(
        count: Int, users: UnsafePointer<Int32>, items: UnsafePointer<Int32>, key: UInt64, firstNumber: Int, into moves: Moves
    ) -> (loss: Double, pairs: Int) {
        withTask { task in
            var pairs: Int64 = 0
            let loss = tributary_ranking_users(
                task, Int64(count), users, items, key, UInt64(firstNumber), moves.items, moves.users, moves.pulls, moves.starts, moves.space,
                &pairs)
            return (loss, Int(pairs))
        }
    }

    /// Moves the items of one range by what was noted for them.
    public func moveItems(of range: Int, by moves: Moves) {
        withTask { task in
            let start = Int(moves.starts[range])
            tributary_ranking_items(task, moves.starts[range + 1] - Int64(start), moves.items + start, moves.users + start, moves.pulls + start)
        }
    }

    private func withTask<Result>(_ body: (UnsafePointer<tributary_ranking>) -> Result) -> Result {
        draws.withDraws { draws in
            var task = tributary_ranking(
                width: Int64(stride), users: users, items: items, biases: biases, rate: rate, regularization: regularization, draws: draws,
                offsets: offsets, sorted: sorted, seen: seen, seen_words: Int64(seenWords), range_of: rangeOf, ranges: Int64(ranges))
            return body(&task)
        }
    }
}

extension ItemDraws {
    func withDraws<Result>(_ body: (UnsafePointer<tributary_draws>) -> Result) -> Result {
        thresholds.withUnsafeBufferPointer { thresholds in
            others.withUnsafeBufferPointer { others in
                var draws = tributary_draws(
                    count: Int64(count), thresholds: thresholds.isEmpty ? nil : thresholds.baseAddress, others: others.baseAddress)
                return body(&draws)
            }
        }
    }

    /// The item that a number of 64 random bits draws.
    public func item(_ number: UInt64) -> Int32 { withDraws { tributary_drawn($0, number) } }
}

extension Kernels {
    /// Deals the events of consecutive users to batches at random, each batch in the order of users.
    /// - Parameters:
    ///   - offsets: the events of user u are items[offsets[u] ..< offsets[u + 1]].
    ///   - starts: receives batches + 1 places: batch b is dealt[starts[b] ..< starts[b + 1]].
    ///   - dealtUsers: receives the users of the dealt events, and `dealtItems` the items.
    public static func deal(
        users: Range<Int>, offsets: UnsafePointer<Int64>, items: UnsafePointer<Int32>, key: UInt64, batches: Int,
        starts: UnsafeMutablePointer<Int64>, dealtUsers: UnsafeMutablePointer<Int32>, dealtItems: UnsafeMutablePointer<Int32>
    ) {
        tributary_deal(Int64(users.count), Int64(users.lowerBound), offsets, items, key, Int64(batches), starts, dealtUsers, dealtItems)
    }
}
