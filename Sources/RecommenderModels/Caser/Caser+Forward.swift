internal import Tensors

/// What the convolutions leave for their backward pass.
struct CaserPass {
    /// M × D: the vectors of the events.
    let events: UnsafeMutablePointer<Float>
    /// M × T: each event under each tap, and later their gradients.
    let products: UnsafeMutablePointer<Float>
    /// N × C: what the vertical and the horizontal filters give.
    let features: UnsafeMutablePointer<Float>
    /// For each height N × F: which start of the window was the largest.
    let best: UnsafeMutablePointer<Float>
    /// Room for the starts of one sequence × F.
    let work: UnsafeMutablePointer<Float>
}

extension Caser {
    /// Floats the forward pass takes from the arena.
    func forwardScratch(_ size: CaserBatch.Size) -> Int {
        size.scratchCount + size.events * (configuration.dimension + tapCount) + size.positions * (featureWidth + maximaWidth) + workCount(size)
    }

    private func workCount(_ size: CaserBatch.Size) -> Int { (size.longest + configuration.window) * configuration.horizontalFilters }

    /// An event's product with a tap serves all the windows that the event is in: the products cost what the events cost, not the windows.
    func convolve(_ parameters: UnsafePointer<Float>, batch: CaserBatch, arena: inout ScratchArena) -> CaserPass {
        let (M, N, D, T, C) = (batch.items.count, batch.positionCount, configuration.dimension, tapCount, featureWidth)
        let pass = CaserPass(
            events: arena.take(M * D), products: arena.take(M * T), features: arena.take(N * C), best: arena.take(N * maximaWidth),
            work: arena.take(workCount(batch.size)))
        gather(batch.items, from: parameters + places.embedding, width: D, into: pass.events)
        BLAS.multiply(pass.events, transposed: parameters + places.horizontal, into: pass.products, rows: M, inner: D, columns: T)
        batch.forEachRun { run in
            Kernels.verticalForward(
                convolutionPlaces(run), filters: configuration.verticalFilters, width: D, events: pass.events + run.event * D,
                weights: parameters + places.vertical, out: pass.features + run.position * C, outStride: C)
            forEachHeight { height in
                Kernels.horizontalForward(
                    convolutionPlaces(run), height: height.height, filters: configuration.horizontalFilters,
                    products: pass.products + run.event * T + height.tap, stride: T,
                    bias: parameters + places.horizontalBias + height.maximum, work: pass.work,
                    out: pass.features + run.position * C + configuration.verticalFilters * D + height.maximum, outStride: C,
                    best: bestPlaces(pass, run, height, N))
            }
        }
        return pass
    }

    /// From the gradient with respect to the features: adds those of the filters, and returns that of the events (M × D).
    func deconvolve(
        _ parameters: UnsafePointer<Float>, batch: CaserBatch, pass: CaserPass, featureGradients: UnsafePointer<Float>,
        gradient: UnsafeMutablePointer<Float>, arena: inout ScratchArena
    ) -> UnsafeMutablePointer<Float> {
        let (M, N, D, T, C) = (batch.items.count, batch.positionCount, configuration.dimension, tapCount, featureWidth)
        let productGradients = pass.products
        productGradients.update(repeating: 0, count: M * T)
        let eventGradients = arena.takeZeros(M * D)
        batch.forEachRun { run in
            Kernels.verticalBackward(
                convolutionPlaces(run), filters: configuration.verticalFilters, width: D, events: pass.events + run.event * D,
                weights: parameters + places.vertical, gradient: featureGradients + run.position * C, gradientStride: C,
                eventGradient: eventGradients + run.event * D, weightGradient: gradient + places.vertical)
            forEachHeight { height in
                Kernels.horizontalBackward(
                    convolutionPlaces(run), height: height.height, filters: configuration.horizontalFilters,
                    gradient: featureGradients + run.position * C + configuration.verticalFilters * D + height.maximum, gradientStride: C,
                    best: bestPlaces(pass, run, height, N), work: pass.work,
                    productGradient: productGradients + run.event * T + height.tap, stride: T,
                    biasGradient: gradient + places.horizontalBias + height.maximum)
            }
        }
        BLAS.multiply(
            transposed: productGradients, pass.events, into: gradient + places.horizontal, rows: T, inner: M, columns: D, accumulating: true)
        BLAS.multiply(
            productGradients, parameters + places.horizontal, into: eventGradients, rows: M, inner: T, columns: D, accumulating: true)
        return eventGradients
    }

    private func convolutionPlaces(_ run: CaserBatch.Run) -> Kernels.ConvolutionPlaces {
        Kernels.ConvolutionPlaces(first: run.first, count: run.positionCount, window: configuration.window)
    }

    private func bestPlaces(_ pass: CaserPass, _ run: CaserBatch.Run, _ height: Height, _ N: Int) -> UnsafeMutablePointer<Float> {
        pass.best + height.maximum * N + run.position * configuration.horizontalFilters
    }

    /// The filters of one height, their first tap among T and their first maximum among those of all heights.
    private struct Height {
        let height, tap, maximum: Int
    }

    private func forEachHeight(_ body: (Height) -> Void) {
        let F = configuration.horizontalFilters
        var tap = 0
        for height in 1...configuration.maximumHeight {
            body(Height(height: height, tap: tap, maximum: (height - 1) * F))
            tap += height * F
        }
    }
}
