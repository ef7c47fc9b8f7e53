public import Interactions
public import RecommenderModels
public import SeededRandom
internal import Tensors

/// Alternating least squares over all users of one place: a pass solves every user from the items, then every item from the users.
/// Rows are independent, so any number of workers gives the same bits.
///
/// The loss of a pass is the whole objective after it; with the exact solver it never increases.
public struct PooledIALS: PooledAlgorithm {
    private let configuration: IALSConfiguration
    private let workers: Int
    private let users: InteractionMatrix
    private let items: InteractionMatrix
    private let ridges: (users: [Float], items: [Float])
    /// Padded rows.
    private var userVectors: [Float]
    private var itemVectors: [Float]

    /// Parts a side is split into; fixed, so that sums are added in one order.
    private static let parts = 64
    private var stride: Int { PaddedRows.stride(configuration.dimension) }

    /// - Parameters:
    ///   - model: what is trained.
    ///   - parameters: the items' vectors to start from.
    ///   - users: training events; each item counts once per user.
    ///   - workers: threads, at least 1.
    /// - Throws: `TrainingError` when parameters or events do not fit the model, or there are none.
    public init(_ model: IALS, parameters: [Float], users: UserSequences, workers: Int) throws {
        try TrainingError.check(parameters, users, fit: model)
        configuration = model.configuration
        self.workers = workers
        self.users = InteractionMatrix(users, itemCount: model.itemCount)
        items = self.users.transposed
        let (own, other) = (self.users, items)
        ridges = (
            (0..<own.rowCount).map { model.configuration.ridge(events: own.count(of: $0), against: model.itemCount) },
            (0..<other.rowCount).map { model.configuration.ridge(events: other.count(of: $0), against: own.rowCount) }
        )
        itemVectors = PaddedRows.padded(parameters, width: model.configuration.dimension)
        userVectors = [Float](repeating: 0, count: own.rowCount * PaddedRows.stride(model.configuration.dimension))
    }

    public var parameters: [Float] { PaddedRows.packed(itemVectors, width: configuration.dimension) }

    public mutating func runEpoch(_ epoch: Int, stream: RandomStream) async throws -> LossSum {
        try Task.checkCancellation()
        _ = solve(users, ridges.users, from: itemVectors, into: &userVectors)
        try Task.checkCancellation()
        var loss = solve(items, ridges.items, from: userVectors, into: &itemVectors) + Double(users.columns.count)
        for user in 0..<users.rowCount {
            let row = userVectors[user * stride..<(user + 1) * stride]
            loss += Double(ridges.users[user]) * row.reduce(0.0) { $0 + Double($1) * Double($1) }
        }
        guard loss.isFinite, Kernels.isFinite(itemVectors) else {
            throw TrainingError(
                "training diverged in pass \(epoch + 1): the loss is no longer finite. Raise the regularization "
                    + "(\(configuration.regularization)), or check that the events and the starting model are sound")
        }
        return LossSum(loss: loss, targets: users.columns.count)
    }

    private func solve(_ matrix: InteractionMatrix, _ ridges: [Float], from table: [Float], into rows: inout [Float]) -> Double {
        let problems = LeastSquares(table: table, stride: stride, products: products(table), weight: configuration.unobservedWeight)
        let method: LeastSquares.Method = configuration.solverSteps == 0 ? .exact : .conjugateGradient(steps: configuration.solverSteps)
        let parts = Parallel.ranges(Self.parts, offsets: matrix.offsets)
        var losses = [Double](repeating: 0, count: parts.count)
        losses.withUnsafeMutableBufferPointer { losses in
            rows.withUnsafeMutableBufferPointer { rows in
                matrix.offsets.withUnsafeBufferPointer { offsets in
                    matrix.columns.withUnsafeBufferPointer { columns in
                        ridges.withUnsafeBufferPointer { ridges in
                            guard let start = columns.baseAddress else { return }
                            Parallel.forEach(parts.count, workers: workers) { part in
                                losses[part] = problems.solve(
                                    parts[part], offsets: offsets.baseAddress!, columns: start, ridges: ridges.baseAddress!, method: method,
                                    into: rows.baseAddress!)
                            }
                        }
                    }
                }
            }
        }
        return losses.reduce(0, +)
    }

    /// Σ y yᵀ over a table, in blocks of rows that depend on nothing but its size.
    private func products(_ table: [Float]) -> [Float] {
        let (stride, count) = (stride, table.count / stride)
        let block = max(1024, (count + 63) / 64)
        let blocks = Swift.stride(from: 0, to: count, by: block).map { $0..<min($0 + block, count) }
        var sums = [[Float]](repeating: [], count: blocks.count)
        sums.withUnsafeMutableBufferPointer { sums in
            Parallel.forEach(blocks.count, workers: workers) { sums[$0] = LeastSquares.products(table, rows: blocks[$0], stride: stride) }
        }
        var total = [Float](repeating: 0, count: stride * stride)
        for sum in sums { Kernels.add(sum, to: &total, count: total.count) }
        return total
    }

    public var state: [String: [Float]] { ["item.vectors": itemVectors, "user.vectors": userVectors] }

    public mutating func restore(_ state: [String: [Float]]) throws {
        itemVectors = try state.tensor("item.vectors", count: itemVectors.count)
        userVectors = try state.tensor("user.vectors", count: userVectors.count)
    }
}

extension TrainingError {
    /// Throws unless there are events and the parameters and events fit the model.
    static func check(_ parameters: [Float], _ users: UserSequences, fit model: some Recommender) throws {
        guard parameters.count == model.layout.count else {
            throw TrainingError("the model to start from has \(parameters.count) parameters and this one \(model.layout.count); catalog or configuration differ")
        }
        guard users.eventCount > 0 else { throw TrainingError("there are no training events; import some") }
        let items = 0..<Int32(model.itemCount)
        if let stray = users.items.first(where: { !items.contains($0) }) {
            throw TrainingError("an event has item \(stray), outside the catalog of \(model.itemCount); import the events with the plan's catalog")
        }
    }
}
