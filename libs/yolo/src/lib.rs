//! YOLO11 detect and segment networks on candle: weights and pixels in, boxes and masks out.
