public import SeededRandom
public import Tensors

/// iALS as a mean over users: the parameters are every item's normal equations, and a round is one exact sweep.
///
/// A user solves its vector x from the items' vectors of the round before and contributes, for each of its items, a 1, x and the
/// products x xᵀ, and once more x xᵀ for the unobserved part. From the means n̄, s̄, P̄ and Ḡ an item's vector is
/// (P̄ + α₀ Ḡ + λ (n̄ + α₀)^ν I)⁻¹ s̄: the pooled sweep divided by the number of users.
public struct IALSStatistics: StatisticRecommender {
    public let configuration: IALSConfiguration
    public let itemCount: Int
    public let layout: ParameterLayout

    /// - Parameters:
    ///   - configuration: validated (`ModelConfiguration.recommender` does it).
    ///   - itemCount: V, at least 2.
    init(_ configuration: IALSConfiguration, itemCount: Int) {
        self.configuration = configuration
        self.itemCount = itemCount
        let (V, D) = (itemCount, configuration.dimension)
        let products = Self.productCount(D)
        layout = ParameterLayout([
            ("item.shares", [V]), ("item.sums", [V, D]), ("item.products", [V, products]), ("user.products", [products]),
        ])
    }

    /// Values of a symmetric D × D matrix.
    static func productCount(_ D: Int) -> Int { D * (D + 1) / 2 }

    public var itemTables: [String] { ["item.shares", "item.sums", "item.products"] }
    public var sequenceUse: SequenceUse { .whole }
    public var sharedNegatives: Int { 0 }

    /// All zero: no user has contributed.
    public func initialParameters(_ stream: RandomStream) -> [Float] { [Float](repeating: 0, count: layout.count) }

    /// The items' vectors, V rows padded to whole lanes, and behind them α₀ times the sum of their products.
    public func solution(_ parameters: [Float]) -> [Float] {
        let (D, stride) = (configuration.dimension, PaddedRows.stride(configuration.dimension))
        let table = PaddedRows.padded(itemVectors(parameters), width: D)
        let products = LeastSquares.products(table, rows: 0..<itemCount, stride: stride)
        return table + products.map { $0 * configuration.unobservedWeight }
    }

    /// V × D; before the first round random vectors that every node draws alike.
    package func itemVectors(_ parameters: [Float]) -> [Float] {
        precondition(parameters.count == layout.count, "\(parameters.count) parameters do not fill a layout of \(layout.count)")
        let (V, D) = (itemCount, configuration.dimension)
        let stride = PaddedRows.stride(D)
        let (shares, sums, products, users) = (0, V, V + V * D, layout.count - Self.productCount(D))
        guard parameters[users...].contains(where: { $0 != 0 }) else {
            return configuration.initialVectors(count: V, RandomStream(seed: 0, "ials.statistics"))
        }
        var vectors = [Float](repeating: 0, count: V * D)
        var matrix = [Float](repeating: 0, count: stride * stride)
        var row = [Float](repeating: 0, count: stride)
        for item in 0..<V where parameters[shares + item] > 0 {
            let ridge = configuration.regularization * configuration.power(Double(parameters[shares + item] + configuration.unobservedWeight))
            var (own, all) = (products + item * Self.productCount(D), users)
            for i in 0..<stride {
                row[i] = i < D ? parameters[sums + item * D + i] : 0
                for j in i..<stride {
                    if j < D {
                        matrix[i * stride + j] = parameters[own] + configuration.unobservedWeight * parameters[all] + (i == j ? ridge : 0)
                        (own, all) = (own + 1, all + 1)
                    } else {
                        matrix[i * stride + j] = i == j ? 1 : 0
                    }
                }
            }
            Kernels.solveSymmetric(&matrix, &row, stride: stride)
            for column in 0..<D { vectors[item * D + column] = row[column].isFinite ? row[column] : 0 }
        }
        return vectors
    }

    public func accumulateStatistic(
        _ solution: [Float], events: ArraySlice<Int32>, into sum: inout GradientBuffer, scratch: inout ScratchMemory
    ) {
        let (V, D) = (itemCount, configuration.dimension)
        let stride = PaddedRows.stride(D)
        precondition(solution.count == (V + stride) * stride, "the solution is of this model")
        let items = distinct(events)
        if items.isEmpty { return }
        let ridge = configuration.ridge(events: items.count, against: V)
        let user = solution.withUnsafeBufferPointer { table in
            LeastSquares.solution(items, ridge: ridge, table: table.baseAddress!, gram: table.baseAddress! + V * stride, stride: stride)
        }
        var products: [Float] = []
        products.reserveCapacity(Self.productCount(D))
        for i in 0..<D {
            for j in i..<D { products.append(user[i] * user[j]) }
        }
        for table in 0..<3 { items.withUnsafeBufferPointer { sum.touch(table, rows: $0) } }
        let (sums, itemProducts, users) = (V, V + V * D, layout.count - products.count)
        sum.values.withUnsafeMutableBufferPointer { values in
            let start = values.baseAddress!
            for item in items {
                start[Int(item)] += 1
                Kernels.add(user, to: start + sums + Int(item) * D, count: D)
                Kernels.add(products, to: start + itemProducts + Int(item) * products.count, count: products.count)
            }
            Kernels.add(products, to: start + users, count: products.count)
        }
    }

    public func prepared(_ parameters: [Float]) -> any PreparedRecommender {
        PreparedIALS(configuration, vectors: itemVectors(parameters))
    }

    public func scores(_ parameters: [Float], histories: [ArraySlice<Int32>]) -> [Float] { prepared(parameters).scores(histories: histories) }

    public func targetCount(of sequences: [ArraySlice<Int32>]) -> Int { sequences.reduce(0) { $0 + Set($1).count } }

    /// A sum of statistics has no gradient: nothing is added.
    public func accumulateGradient(
        _ parameters: [Float], sequences: [ArraySlice<Int32>], negatives: [Int32], stream: RandomStream?, weight: Float,
        into gradient: inout GradientBuffer, scratch: inout ScratchMemory
    ) -> LossSum { LossSum() }
}
