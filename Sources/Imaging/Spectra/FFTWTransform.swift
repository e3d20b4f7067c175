import Platform

#if FFTW
    import CFFTW
    import Synchronization

    /// Fourier transforms by FFTW 3, in double precision; safe to use from many threads.
    public struct FFTWTransform: FourierTransform2D {
        /// FFTW's planner is not thread-safe; executing a plan is.
        private static let planner = Mutex(())

        /// The transform; plans are made at each use, for fields of any size.
        public init() {}

        /// The transform of a field `[height, width]`.
        ///
        /// - Throws: `ImagingError` when FFTW has no plan or no memory.
        public func forward(_ field: [Double], height: Int, width: Int) throws -> HalfPlane {
            precondition(height > 0 && width > 0 && field.count == height * width, "The field must be [height, width].")
            var plane = HalfPlane(height: height, width: width)
            let buffers = try Buffers(height: height, width: width)
            for (index, value) in field.enumerated() { buffers.field[index] = value }
            try Self.run {
                fftw_plan_dft_r2c_2d(CInt(height), CInt(width), buffers.field, buffers.plane, Self.flags)
            }
            for index in plane.real.indices {
                plane.real[index] = buffers.plane[index].0
                plane.imaginary[index] = buffers.plane[index].1
            }
            return plane
        }

        /// The field `[height, width]` of a half plane.
        ///
        /// - Throws: `ImagingError` when FFTW has no plan or no memory.
        public func inverse(_ plane: HalfPlane) throws -> [Double] {
            let buffers = try Buffers(height: plane.height, width: plane.width)
            for index in plane.real.indices { buffers.plane[index] = (plane.real[index], plane.imaginary[index]) }
            try Self.run {
                fftw_plan_dft_c2r_2d(CInt(plane.height), CInt(plane.width), buffers.plane, buffers.field, Self.flags)
            }
            let count = plane.height * plane.width
            return (0..<count).map { buffers.field[$0] / Double(count) }
        }

        /// Planning by rule instead of by timing, so that results do not depend on the machine's load.
        private static let flags = UInt32(FFTW_ESTIMATE)

        private static func run(_ makePlan: () -> fftw_plan?) throws {
            guard let plan = planner.withLock({ _ in makePlan().map { UInt(bitPattern: $0) } }) else {
                throw ImagingError(reason: "FFTW has no plan for this transform", kind: .software)
            }
            let pointer = fftw_plan(bitPattern: plan)
            fftw_execute(pointer)
            planner.withLock { _ in fftw_destroy_plan(pointer) }
        }

        /// Aligned memory for one transform.
        private final class Buffers {
            let field: UnsafeMutablePointer<Double>
            let plane: UnsafeMutablePointer<fftw_complex>

            init(height: Int, width: Int) throws {
                guard let field = fftw_alloc_real(height * width),
                    let plane = fftw_alloc_complex(height * (width / 2 + 1))
                else {
                    throw ImagingError(
                        reason: "memory is out for a transform of \(height)x\(width)", kind: .unavailable)
                }
                (self.field, self.plane) = (field, plane)
            }

            deinit {
                fftw_free(field)
                fftw_free(plane)
            }
        }
    }
#endif
