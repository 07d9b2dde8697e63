import { BarChart } from "@mantine/charts";
import "@mantine/charts/styles.css";

/** The charts library, which is large and loaded when there are figures to draw. */
export default BarChart;
