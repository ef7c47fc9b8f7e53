public import SeededRandom
public import Tensors

/// Non-negative matrix factorisation X ≈ W Hᵀ with W, H ≥ 0, x_ui = 1 where user u met item i, else 0.
///
/// A user's row of W is never kept: it is the non-negative least-squares fit of the user's items to H. The parameters are what H
/// is computed from, means over users of w wᵀ (D × D) and of w for each item met (V × D); the row of an item is the non-negative
/// least-squares fit to those (alternating non-negative least squares, Kim and Park 2008). A sweep is one half-step of each side.
public struct NMF: StatisticRecommender {
    public let configuration: NMFConfiguration
    public let itemCount: Int
    public let layout: ParameterLayout

    init(_ configuration: NMFConfiguration, itemCount: Int) {
        self.configuration = configuration
        self.itemCount = itemCount
        let D = configuration.dimension
        layout = ParameterLayout([("items.products", [itemCount, D]), ("users.gram", [D, D])])
    }

    private var D: Int { configuration.dimension }
    private var gramStart: Int { itemCount * D }
    public var itemTables: [String] { ["items.products"] }

    /// Item factors uniform in 0…1 and users as if they had met every factor equally: two equal factors could never come apart.
    public func initialParameters(_ stream: RandomStream) -> [Float] {
        var numbers = stream.child("items.products")
        return (0..<layout.count).map { $0 < gramStart ? numbers.uniformFloat() : ($0 - gramStart) % (D + 1) == 0 ? 1 : 0 }
    }

    /// H, V × D, and behind it the matrix of the users' fits, D × D.
    public func solution(_ parameters: [Float]) -> [Float] {
        let items = itemFactors(parameters)
        return items + userSolver(items).matrix
    }

    /// H, V × D.
    func itemFactors(_ parameters: [Float]) -> [Float] {
        precondition(parameters.count == layout.count, "\(parameters.count) parameters do not fill a layout of \(layout.count)")
        let solver = NonNegativeLeastSquares(
            order: D, gram: Array(parameters[gramStart...]), regularization: configuration.regularization)
        return [Float](unsafeUninitializedCapacity: itemCount * D) { out, initialized in
            parameters.withUnsafeBufferPointer { parameters in
                guard let products = parameters.baseAddress, let start = out.baseAddress else { return }
                for item in 0..<itemCount { solver.solve(products + item * D, into: start + item * D) }
            }
            initialized = itemCount * D
        }
    }

    func userSolver(_ items: [Float]) -> NonNegativeLeastSquares {
        var gram = [Float](repeating: 0, count: D * D)
        BLAS.multiply(transposed: items, items, into: &gram, rows: D, inner: itemCount, columns: D)
        return NonNegativeLeastSquares(order: D, gram: gram, regularization: configuration.regularization)
    }

    public func accumulateStatistic(
        _ solution: [Float], events: ArraySlice<Int32>, into sum: inout GradientBuffer, scratch: inout ScratchMemory
    ) {
        let met = distinctItems(events)
        let weight = configuration.userWeight.value(met.count)
        let solver = NonNegativeLeastSquares(order: D, prepared: Array(solution[gramStart...]))
        met.withUnsafeBufferPointer { sum.touch(0, rows: $0) }
        scratch.withArena(of: 2 * D) { arena in
            let (user, target) = (arena.take(D), arena.takeZeros(D))
            solution.withUnsafeBufferPointer { solution in
                guard let items = solution.baseAddress else { return }
                fit(met, items: items, solver, target: target, into: user)
            }
            sum.values.withUnsafeMutableBufferPointer { values in
                guard let start = values.baseAddress else { return }
                for item in met { Kernels.axpy(weight, user, to: start + Int(item) * D, count: D) }
                for k in 0..<D { Kernels.axpy(weight * user[k], user, to: start + gramStart + k * D, count: D) }
            }
        }
    }

    /// The user's factors: target ← Σ of the items' rows (zeros before), then the fit.
    private func fit(
        _ met: [Int32], items: UnsafePointer<Float>, _ solver: NonNegativeLeastSquares, target: UnsafeMutablePointer<Float>,
        into user: UnsafeMutablePointer<Float>
    ) {
        for item in met { Kernels.add(items + Int(item) * D, to: target, count: D) }
        solver.solve(target, into: user)
    }

    public func prepared(_ parameters: [Float]) -> any PreparedRecommender {
        let items = itemFactors(parameters)
        let solver = userSolver(items)
        return InnerProductRecommender(items: ItemVectors(width: D, vectors: items)) { history, query in
            var target = [Float](repeating: 0, count: D)
            target.withUnsafeMutableBufferPointer { target in
                items.withUnsafeBufferPointer { items in
                    guard let target = target.baseAddress, let items = items.baseAddress else { return }
                    fit(distinctItems(history), items: items, solver, target: target, into: query)
                }
            }
        }
    }
}
