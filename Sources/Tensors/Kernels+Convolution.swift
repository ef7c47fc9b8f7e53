internal import CKernels

/// Convolutions over the last L events before each place of a sequence (Tang and Wang 2018, sections 3.2.1 and 3.2.2).
/// Places lie behind the events `first`, `first` + 1, …, `first` = −1 being before all events; events before the sequence are zero vectors.
extension Kernels {
    /// What the kernels of one sequence have in common.
    public struct ConvolutionPlaces {
        /// The event that the first place lies behind; at least −1.
        public var first: Int
        /// How many places there are.
        public var count: Int
        /// L.
        public var window: Int

        public init(first: Int, count: Int, window: Int) {
            self.first = first
            self.count = count
            self.window = window
        }
    }

    /// max(0, the largest over the starts s in the window of bias + Σⱼ products[s + j] of tap j), F filters of one height.
    /// - Parameters:
    ///   - products: of event 0 and tap 0, tap j standing j × F further, the next event `stride` further.
    ///   - work: room for (places + L − height) × F.
    ///   - out: places × F, rows `outStride` apart.
    ///   - best: places × F, receives the start that gave each maximum, counted from the window's first, or −1 when none was above 0.
    public static func horizontalForward(
        _ places: ConvolutionPlaces, height: Int, filters: Int, products: UnsafePointer<Float>, stride: Int, bias: UnsafePointer<Float>,
        work: UnsafeMutablePointer<Float>, out: UnsafeMutablePointer<Float>, outStride: Int, best: UnsafeMutablePointer<Float>
    ) {
        tributary_horizontal_forward(
            Int64(places.first), Int64(places.count), Int64(places.window), Int64(height), Int64(filters), products, Int64(stride), bias,
            work, out, Int64(outStride), best)
    }

    /// Its derivative: sets the gradient with respect to the products that a place reads and adds to that of the bias.
    public static func horizontalBackward(
        _ places: ConvolutionPlaces, height: Int, filters: Int, gradient: UnsafePointer<Float>, gradientStride: Int,
        best: UnsafePointer<Float>, work: UnsafeMutablePointer<Float>, productGradient: UnsafeMutablePointer<Float>, stride: Int,
        biasGradient: UnsafeMutablePointer<Float>
    ) {
        tributary_horizontal_backward(
            Int64(places.first), Int64(places.count), Int64(places.window), Int64(height), Int64(filters), gradient, Int64(gradientStride),
            best, work, productGradient, Int64(stride), biasGradient)
    }

    /// Weighted sums of the window's events: out[place, v × D + d] = Σᵢ weights[v, i] × the d-th coordinate of the window's i-th event.
    /// - Parameters:
    ///   - events: × D.
    ///   - weights: filters × L.
    public static func verticalForward(
        _ places: ConvolutionPlaces, filters: Int, width: Int, events: UnsafePointer<Float>, weights: UnsafePointer<Float>,
        out: UnsafeMutablePointer<Float>, outStride: Int
    ) {
        tributary_vertical_forward(
            Int64(places.first), Int64(places.count), Int64(places.window), Int64(filters), Int64(width), events, weights, out,
            Int64(outStride))
    }

    /// Its derivative: adds to the gradients with respect to events and weights.
    public static func verticalBackward(
        _ places: ConvolutionPlaces, filters: Int, width: Int, events: UnsafePointer<Float>, weights: UnsafePointer<Float>,
        gradient: UnsafePointer<Float>, gradientStride: Int, eventGradient: UnsafeMutablePointer<Float>,
        weightGradient: UnsafeMutablePointer<Float>
    ) {
        tributary_vertical_backward(
            Int64(places.first), Int64(places.count), Int64(places.window), Int64(filters), Int64(width), events, weights, gradient,
            Int64(gradientStride), eventGradient, weightGradient)
    }

    /// x ← max(x, 0)
    public static func rectify(_ x: UnsafeMutablePointer<Float>, count: Int) { tributary_rectify(Int64(count), x) }

    /// gradient ← 0 where the rectified value is 0
    public static func rectifyBackward(_ values: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>, count: Int) {
        tributary_rectify_backward(Int64(count), values, gradient)
    }
}
